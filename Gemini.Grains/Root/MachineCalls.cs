using Gemini.Grains.Health;
using Gemini.Grains.Machines;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Root;

/// <summary>
/// Carries out the coordinator's requests for machines. Level-triggered: the operator works on exactly the requests in state Asked, so nothing is
/// lost if a write or a call fails.
/// </summary>
internal sealed partial class MachineCalls(string job, MachineOptions options, RootPorts ports, JobCoordinator coordinator, SteadyClock clock)
{
    private readonly Dictionary<HostName, BringUp> _works = [];
    private readonly ILogger _logger = ports.Log;

    /// <summary>Starts a call for each request in state Asked that has none, and cancels each call whose request is dropped.</summary>
    public void Work()
    {
        var asked = coordinator.MachineRequests.Where(request => request.State == MachineRequestState.Asked).ToList();
        foreach (var (host, work) in _works.ToList())
        {
            if (asked.Exists(request => request.Host == host && request.Attempt == work.Attempt)) continue;
            work.Cancel.Cancel();
            _works.Remove(host);
        }

        foreach (var request in asked.Where(request => !_works.ContainsKey(request.Host)))
        {
            var work = new BringUp(request.Attempt);
            _works.Add(request.Host, work);
            _ = BringUpAsync(request, work);
        }
    }

    /// <summary>Tells the coordinator the operator's newest lines.</summary>
    public void ObserveLines()
    {
        foreach (var (host, work) in _works)
        {
            if (work.Line is { } line) coordinator.ObserveMachine(host, work.Attempt, line);
        }
    }

    /// <summary>
    /// Cancels all calls. The next root agent asks again, and operators tolerate that. But no call of this one may continue beside its calls.
    /// </summary>
    public void GiveUp()
    {
        foreach (var work in _works.Values) work.Cancel.Cancel();
        _works.Clear();
    }

    private async Task BringUpAsync(MachineRequest request, BringUp work)
    {
        var missingFor = TimeSpan.FromMilliseconds(Math.Max(0, clock.Now - request.MissingSince));
        var order = new MachineOrder(job, request.Host, request.Reason, request.Attempt, missingFor, options.AttemptLimit);
        LogAsked(request.Host, request.Reason, request.Attempt);
        try
        {
            var outcome = await MachineCall.RunAsync(ports.Machines!, order, said => Say(request.Host, work, said), ports.Time, work.Cancel.Token);
            LogAnswered(request.Host, request.Attempt, outcome.Result, outcome.Reason);
            if (work.Line is { } line) coordinator.ObserveMachine(request.Host, request.Attempt, line);
            coordinator.ObserveMachine(request.Host, request.Attempt, outcome, clock.Now);
        }
        catch (OperationCanceledException)
        {
            LogGivenUp(request.Host, request.Attempt);
        }
        finally
        {
            if (_works.TryGetValue(request.Host, out var newest) && newest == work) _works.Remove(request.Host);
            work.Cancel.Dispose();
        }
    }

    /// <summary>Called on any thread.</summary>
    private void Say(HostName host, BringUp work, string line)
    {
        LogSaid(host, work.Attempt, line);
        work.Line = line;
    }

    [LoggerMessage(EventIds.MachineAsked, LogLevel.Information, "Asking for a machine: host {Host}, {Reason}, attempt {Attempt}")]
    private partial void LogAsked(HostName host, string reason, int attempt);

    [LoggerMessage(EventIds.MachineSaid, LogLevel.Information, "Machine for {Host}, attempt {Attempt}: {Line}")]
    private partial void LogSaid(HostName host, int attempt, string line);

    [LoggerMessage(EventIds.MachineAnswered, LogLevel.Information, "Machine for {Host}, attempt {Attempt}: {Result}, {Reason}")]
    private partial void LogAnswered(HostName host, int attempt, MachineResult result, string reason);

    [LoggerMessage(EventIds.GivenUp, LogLevel.Information, "Machine for {Host}, attempt {Attempt}: no longer asked for")]
    private partial void LogGivenUp(HostName host, int attempt);

    /// <summary>A running call of the operator.</summary>
    private sealed class BringUp(int attempt)
    {
        public int Attempt => attempt;

        /// <summary>The newest line; written on any thread.</summary>
        public volatile string? Line;

        public CancellationTokenSource Cancel { get; } = new();
    }
}
