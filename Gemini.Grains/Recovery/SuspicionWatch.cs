using Gemini.Grains.Health;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// Decides which hosts and trainers have failed: from reports, from the cluster's membership, and from the answers of trainers. Pure.
/// </summary>
internal sealed class SuspicionWatch
{
    private readonly JobState _state;
    private readonly HostRoster _roster;

    public SuspicionWatch(JobState state, HostRoster roster, JobProgress progress)
    {
        (_state, _roster) = (state, roster);
        Probes = new TrainerProbes(state, roster);
        Hangs = new HangWatch(state, roster, Probes, progress);
    }

    public TrainerProbes Probes { get; }

    public HangWatch Hangs { get; }

    /// <summary>Hosts with a position that are not healthy, in position order; usually empty.</summary>
    public List<HostFinding> Observe(long now)
    {
        var unwell = new List<HostFinding>();
        HashSet<HostPosition>? lostByPeers = null;
        foreach (var host in _roster.Assigned())
        {
            // If the host is present, its own report counts, and not the reports of its peers.
            if (!host.IsPresent) lostByPeers ??= LostByPeers();
            var (verdict, reason) = FailureClassifier.Evaluate(ToObservation(host, lostByPeers, now), _state.Health);
            if (verdict != HealthVerdict.Healthy) unwell.Add(new HostFinding(host, verdict, reason));
        }

        return unwell;
    }

    /// <summary>All failures of a job that trains, as one; null: there is none.</summary>
    public Failure? Evaluate(List<HostFinding> unwell, long now)
    {
        if (FindRejection("at load", now) is { } rejection) return rejection;
        var verdicts = unwell.FindAll(entry => entry.Verdict is HealthVerdict.TrainerFailed or HealthVerdict.HostFailed);
        if (verdicts.Count == 0) return null;
        var lost = verdicts.Where(entry => entry.Verdict == HealthVerdict.HostFailed).Select(entry => entry.Host.Report.Host).ToList();
        return new Failure(
            _roster.KindOf(verdicts.Select(entry => entry.Host.Report.Host), lost.Count > 0 ? FailureKind.Hardware : FailureKind.Software),
            [.. verdicts.Select(entry => entry.Host.Report.Host)],
            [.. lost],
            FirstSign(now),
            string.Join("; ", verdicts.Select(entry => entry.Reason)));
    }

    /// <summary>The failure that a host cannot carry out the plan with the copies that it was told to use; null: no host reports this.</summary>
    /// <param name="when">When the copy failed its check, for people.</param>
    /// <param name="now">Unix milliseconds.</param>
    public Failure? FindRejection(string when, long now)
    {
        var version = _state.Version;
        var host = Array.Find(_roster.Assigned(), host => host.IsPresent && host.Report.NeedsNewPlan == version);
        if (host is null) return null;
        var why = host.Report.NewPlanReason is { Length: > 0 } reason ? reason : $"a copy failed its check {when}";
        return new Failure(FailureKind.Software, [host.Report.Host], [], now, $"{host.Report.Host}: {why}");
    }

    /// <summary>The failure of hosts with a position that were lost during the recovery; null: none.</summary>
    public Failure? FindGone()
    {
        var gone = _roster.Assigned().Where(host => !host.IsPresent).ToList();
        if (gone.Count == 0) return null;
        var hosts = gone.Select(host => host.Report.Host).ToList();
        var reason = $"{string.Join(", ", hosts)} lost during the recovery";
        return new Failure(_roster.KindOf(hosts, FailureKind.Hardware), [.. hosts], [], gone.Min(host => host.LostAt!.Value), reason);
    }

    /// <summary>The hosts whose silo is away while their trainers continue, for people; empty: none.</summary>
    public static string Describe(List<HostFinding> unwell) =>
        string.Join("; ", unwell.Where(entry => entry.Verdict == HealthVerdict.SiloAway).Select(entry => entry.Reason));

    /// <summary>Positions of all trainers to which another trainer has lost its connection.</summary>
    private HashSet<HostPosition> LostByPeers()
    {
        var positions = new HashSet<HostPosition>();
        foreach (var trainer in _roster.Trainers())
        {
            if (trainer is { State: TrainerState.Interrupted, LostPeer: { } peer }) positions.Add(_state.Job.PositionOf(peer));
        }

        return positions;
    }

    /// <summary>The earliest time since the last recovery at which something broke. Hosts also report older breaks; those do not count.</summary>
    private long FirstSign(long now)
    {
        var resumedAt = _state.Record.Recoveries is [.., var last] ? last.ResumedAt : 0;
        var trainers = _roster.Trainers().Where(trainer => trainer is { FailedAtUnixMilliseconds: > 0 }).Select(trainer => trainer!.FailedAtUnixMilliseconds);
        var silos = _roster.Assigned().Where(host => !host.IsPresent).Select(host => host.LostAt!.Value);
        // A host's own clock may be wrong. So this time is only shown, and no decision depends on it.
        return trainers.Concat(silos).Where(sign => sign > resumedAt).Append(now).Min();
    }

    private HostObservation ToObservation(HostView host, HashSet<HostPosition>? lostByPeers, long now) => new()
    {
        Resumes = _state.Version.Step == DirectiveStep.Run && host.Report.Done.Epoch == _state.Version.Epoch
            && host.Report.Done.Step >= DirectiveStep.Prepare,
        RingEndpoints = _state.RingEndpoints,
        FirstRank = _roster.PositionOf(host) is { } at ? _state.Job.RankOf(at, 0).Value : 0,
        Host = host.Report.Host,
        SiloLostForMilliseconds = host.LostAt is { } lostAt ? now - lostAt : null,
        InterruptedForMilliseconds = host.InterruptedAt is { } interruptedAt ? now - interruptedAt : null,
        Running = host.Report.Done == _state.Version,
        TrainersAnswer = Probes.TrainersAnswer(host),
        Trainers = host.Report.Trainers,
        PeersLostIt = lostByPeers is not null && _roster.PositionOf(host) is { } position && lostByPeers.Contains(position),
    };
}
