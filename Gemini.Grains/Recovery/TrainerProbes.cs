using System.Collections.Immutable;
using Gemini.Grains.Health;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// Which trainers are probed (asked whether they live), and what they answered. Their answers are the second witness for a host whose silo is away,
/// and for a job that makes no step. Pure.
/// </summary>
internal sealed class TrainerProbes(JobState state, HostRoster roster)
{
    /// <summary>The period, in milliseconds, of probes of a host's trainers while its silo is away or its reports are overdue.</summary>
    private const long AskPeriod = 1000;

    /// <summary>
    /// Milliseconds without a report after which a host's trainers are probed; hosts report every second. So the answers are known before the cluster
    /// declares the silo dead.
    /// </summary>
    internal const long ReportOverdue = 1200;

    /// <summary>
    /// Milliseconds. A probe always completes within this time, if only as <see cref="ProbeAnswer.Silent"/>. If nothing came back for longer, the
    /// probe was never sent: writing the record failed after the decision. Then the trainer is asked again.
    /// </summary>
    private const long AnswerLimit = 10_000;

    private readonly Dictionary<string, Probe> _probes = [];

    /// <summary>Takes in the answer of the trainer at this address.</summary>
    public void Observe(string address, ProbeAnswer answer)
    {
        if (_probes.TryGetValue(address, out var probe)) _probes[address] = probe with { Pending = false, Answer = answer, AnswerTo = probe.AskedAt };
    }

    /// <summary>Writes the addresses of the epoch's trainers to the record, and forgets the answers of all other trainers.</summary>
    public void Remember()
    {
        Invariant.Check(state.Version.Step == DirectiveStep.Prepare, $"the trainers of the epoch are written down while its directive is {state.Version}");
        state.Record = state.Record with { Liveness = [.. roster.Trainers().Select(trainer => trainer?.Liveness ?? "")] };
        foreach (var gone in _probes.Keys.Except(state.Record.Liveness).ToList()) _probes.Remove(gone);
    }

    /// <summary>The addresses of the trainers to probe now.</summary>
    /// <param name="suspectedAt">Since when the whole job is suspected to hang, Unix milliseconds; null while it is not.</param>
    /// <param name="now">Unix milliseconds.</param>
    public ImmutableArray<string> Evaluate(long? suspectedAt, long now)
    {
        if (state.Phase is not (JobPhase.Resuming or JobPhase.Running)) return [];
        var due = roster.Assigned().Where(host => suspectedAt is not null || IsSilent(host, now))
            .SelectMany(host => AddressesOf(host).Where(address => IsDue(address, host, suspectedAt, now))).ToImmutableArray();
        foreach (var address in due)
            _probes[address] = _probes.GetValueOrDefault(address) with { Pending = true, AskedAt = now };
        return due;
    }

    /// <summary>Whether a trainer of a host whose silo is away lives; one is enough. Null while nobody knows, and for a present host.</summary>
    public bool? TrainersAnswer(HostView host) => host.IsPresent ? null : TrainersOfLostAnswer(host);

    /// <summary>The answer to a probe that was sent at this time or later; null: none yet.</summary>
    public ProbeAnswer? AnswerSince(string address, long since) =>
        _probes.TryGetValue(address, out var probe) && probe.AnswerTo >= since ? probe.Answer : null;

    /// <summary>
    /// The liveness address of a rank's trainer; empty: not known. It comes from the record and not from reports, because a new root agent has no
    /// report of a host that froze together with the old one.
    /// </summary>
    public string AddressOf(Rank rank) => rank.Value < state.Record.Liveness.Length ? state.Record.Liveness[rank.Value] : "";

    private bool? TrainersOfLostAnswer(HostView host)
    {
        var answers = AddressesOf(host).Select(address => AnswerSince(address, host.ReportedAt)).ToList();
        if (answers.Any(answer => answer >= ProbeAnswer.Alive)) return true;
        return answers.Count == 0 || answers.Contains(null) ? null : false;
    }

    private static bool IsSilent(HostView host, long now) => !host.IsPresent || now - host.ReportedAt >= ReportOverdue;

    private bool IsDue(string address, HostView host, long? suspectedAt, long now)
    {
        var isSilent = IsSilent(host, now);
        if (!isSilent && suspectedAt is null) return false;
        if (!_probes.TryGetValue(address, out var probe)) return true;
        if (probe.Pending) return now - probe.AskedAt >= AnswerLimit;
        return probe.AskedAt < suspectedAt || (isSilent && (probe.AskedAt < host.ReportedAt || now - probe.AskedAt >= AskPeriod));
    }

    /// <summary>The liveness addresses of a host's trainers of this epoch. A trainer that has finished may have left, so it is not probed.</summary>
    private IEnumerable<string> AddressesOf(HostView host)
    {
        if (roster.PositionOf(host) is not { } position) return [];
        return state.Job.RanksOf(position).Where((_, index) => !HasFinished(host, index)).Select(AddressOf).Where(address => address.Length > 0);
    }

    private static bool HasFinished(HostView host, int localIndex) =>
        host.Report.Trainers.Any(trainer => trainer.LocalIndex == localIndex && trainer.State == TrainerState.Finished);

    /// <param name="Pending">A probe is under way.</param>
    /// <param name="AskedAt">When the newest probe was sent, Unix milliseconds.</param>
    /// <param name="Answer">The newest answer.</param>
    /// <param name="AnswerTo">When the probe was sent that <paramref name="Answer"/> answers, Unix milliseconds.</param>
    private readonly record struct Probe(bool Pending, long AskedAt, ProbeAnswer? Answer, long AnswerTo);
}
