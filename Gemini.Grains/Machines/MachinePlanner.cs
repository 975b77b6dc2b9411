using System.Collections.Immutable;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Machines;

/// <summary>Decides which machines to ask for, and when again. Pure: no clock, no I/O.</summary>
/// <remarks>
/// <code>
///             grace over               accepted              joined
/// missing ──► Pausing ──────► Asked ──────────────► Joining ────────► no request
///                ▲              │ failed, timed out    │
///                └──────────────┴──────────────────────┘ not joined in time
/// </code>
/// There are never more requests than missing machines. When a host joins, its own request is dropped. If a host with another name joins, the request
/// furthest from success is dropped instead. No attempt is the last one: pauses double up to a longest one.
/// </remarks>
public static class MachinePlanner
{
    /// <summary>An attempt that has no answer this long after its limit counts as failed: the answer is late, or lost.</summary>
    public static readonly TimeSpan AnswerSlack = TimeSpan.FromSeconds(30);

    /// <summary>Returns the new requests. The operator has to work on exactly those in state Asked.</summary>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="need">What is missing.</param>
    /// <param name="requests">The requests so far.</param>
    /// <param name="options">Settings.</param>
    public static ImmutableArray<MachineRequest> Evaluate(
        long now, MachineNeed need, ImmutableArray<MachineRequest> requests, MachineOptions options)
    {
        Invariant.Check(need.Missing.Length >= need.Count, $"{need.Count} machines are missing, and {need.Missing.Length} are named");
        var missing = need.Missing.ToDictionary(machine => machine.Host);
        var kept = requests.Where(request => missing.ContainsKey(request.Host)).OrderBy(request => request.State == MachineRequestState.Pausing).ToList();
        var added = need.Missing.Where(machine => kept.TrueForAll(request => request.Host != machine.Host)).Select(machine => Begin(machine, now, options));
        return
        [
            .. kept.Concat(added).Take(need.Count)
                .Select(request => Advance(request with { Reason = missing[request.Host].Reason }, now, options))
                .OrderBy(request => request.Host),
        ];
    }

    /// <summary>Returns the requests after the operator answered one of them. An answer that comes too late changes nothing.</summary>
    public static ImmutableArray<MachineRequest> Answered(
        long now, HostName host, int attempt, MachineOutcome outcome, ImmutableArray<MachineRequest> requests, MachineOptions options) =>
        Amend(requests, host, attempt, request => outcome.Result == MachineResult.Accepted
            ? Enter(request, MachineRequestState.Joining, now, options.JoinLimit) with { Answer = outcome.Reason }
            : Enter(request, MachineRequestState.Pausing, now, Pause(attempt, options)) with { Answer = outcome.Reason });

    /// <summary>Returns the requests after the operator said a line about one of them.</summary>
    public static ImmutableArray<MachineRequest> Said(HostName host, int attempt, string line, ImmutableArray<MachineRequest> requests) =>
        Amend(requests, host, attempt, request => request with { Output = line });

    /// <summary>The pause after a failed attempt. Attempts count from 1.</summary>
    public static TimeSpan Pause(int attempt, MachineOptions options)
    {
        var doubled = options.PauseMinimum * Math.Pow(2, Math.Min(attempt, 32) - 1);
        return doubled < options.PauseMaximum ? doubled : options.PauseMaximum;
    }

    private static MachineRequest Begin(MissingMachine machine, long now, MachineOptions options) => new()
    {
        Host = machine.Host,
        Reason = machine.Reason,
        MissingSince = machine.LostAt ?? now,
        Since = now,
        Until = (machine.LostAt ?? now) + (long)options.ReturnGrace.TotalMilliseconds,
    };

    private static MachineRequest Advance(MachineRequest request, long now, MachineOptions options) => request.State switch
    {
        MachineRequestState.Pausing when now >= request.Until =>
            Enter(request, MachineRequestState.Asked, now, options.AttemptLimit) with { Attempt = request.Attempt + 1, Output = "" },
        MachineRequestState.Asked when now >= request.Until + AnswerSlack.TotalMilliseconds =>
            Enter(request, MachineRequestState.Pausing, now, Pause(request.Attempt, options)) with { Answer = "the operator has not answered" },
        MachineRequestState.Joining when now >= request.Until =>
            Enter(request, MachineRequestState.Pausing, now, Pause(request.Attempt, options)) with
            {
                // From now on, a machine that is older than this moment counts as lost too.
                MissingSince = request.Since,
                Answer = $"a machine came up ({request.Answer}), but its host did not join in {options.JoinLimit.TotalSeconds:0} s",
            },
        _ => request,
    };

    private static MachineRequest Enter(MachineRequest request, MachineRequestState state, long now, TimeSpan limit) =>
        request with { State = state, Since = now, Until = now + (long)limit.TotalMilliseconds };

    private static ImmutableArray<MachineRequest> Amend(
        ImmutableArray<MachineRequest> requests, HostName host, int attempt, Func<MachineRequest, MachineRequest> change) =>
    [
        .. requests.Select(request =>
            request.Host == host && request.Attempt == attempt && request.State == MachineRequestState.Asked ? change(request) : request),
    ];
}
