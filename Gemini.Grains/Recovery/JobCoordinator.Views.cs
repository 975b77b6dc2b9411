using System.Collections.Immutable;
using Gemini.Grains.Commit;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

// The coordinator's state as others see it: directives for hosts, the status for people.
public sealed partial class JobCoordinator
{
    /// <summary>The newest directive for one host. The same object as before if nothing in it has changed.</summary>
    public HostDirective DirectiveFor(HostName host) => _directives.For(host);

    public JobStatus Status(HostName rootHost, long now)
    {
        var (trained, captured) = _progress.Evaluate();
        return new JobStatus
        {
            Job = _state.Job,
            Phase = Phase,
            Reason = Reason,
            Missing = Missing,
            Epoch = Record.Epoch,
            Trained = trained,
            Captured = captured,
            Committed = _commits.Committed,
            CommittedLagMax = _progress.CommittedLagMax,
            CommitSilenceMilliseconds = _state.Phase == JobPhase.Running ? _commits.Quiet : 0,
            SaveInterval = _progress.SaveInterval,
            RanksApart = _progress.RanksApart,
            CommittedHashes = [.. _commits.Shards.Select(replica => replica.Hash)],
            IterationMillisecondsMedian = _progress.IterationMilliseconds,
            Hosts = [.. _roster.All.Select(ToStatus)],
            Recoveries = Record.Recoveries,
            RootHost = rootHost,
            Persisted = Record.Persisted?.Iteration ?? default,
            StorageProblem = _storage.DescribeProblem(),
            MachineRequests = _machines.Requests,
            Redundancy = _redundancy.Describe(now),
            Quarantined = [.. _roster.All.SelectMany(host => host.Report.Quarantined)],
            Placement = _domains.Describe(),
            Slow = _progress.DescribeSlow(),
        };
    }

    /// <summary>
    /// The newest committed iteration and its shards. Read this before asking the groups, and pass it to <see cref="CommitRecord"/> afterwards.
    /// </summary>
    public (Iteration Iteration, ImmutableArray<Replica> Shards) Committed => (_commits.Committed, _commits.Shards);

    /// <summary>Which hosts hold the committed snapshot.</summary>
    /// <param name="committed">The value of <see cref="Committed"/> before the groups were asked, so that their ledgers cannot lack this
    /// snapshot.</param>
    /// <param name="ledgers">By group; null for one that did not answer.</param>
    public CommitRecord CommitRecord((Iteration Iteration, ImmutableArray<Replica> Shards) committed, ImmutableArray<GroupLedger?> ledgers) =>
        CommitRecords.Of(new CommitObservation
        {
            Job = _state.Job,
            Plan = _state.Placement,
            Epoch = Record.Epoch,
            Captured = _progress.Evaluate().Captured,
            Committed = committed.Iteration,
            Shards = committed.Shards,
            Persisted = Record.Persisted,
            Assignment = Record.Assignment,
            Live = [.. _roster.Present.Select(host => (host.Report.Host, _domains.TextOf(host), host.Report.Replicas))],
            Ledgers = ledgers,
        });

    private HostStatus ToStatus(HostView host) =>
        new()
        {
            Report = host.Report,
            Position = _roster.PositionOf(host),
            Alive = host.IsPresent,
            CannotTakeOver = _standbys.WhyCannotTakeOver(host),
            NeededBytes = _standbys.NeededBytes(host),
            Domain = _domains.TextOf(host),
        };
}
