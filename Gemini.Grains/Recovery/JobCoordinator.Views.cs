using System.Collections.Immutable;
using Gemini.Grains.Health;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

// What the coordinator's state looks like from outside: directives for hosts, the status for people.
public sealed partial class JobCoordinator
{
    /// <summary>What should be, on one host.</summary>
    public HostDirective DirectiveFor(HostName host)
    {
        var position = PositionOf(host);
        var prepared = _version.Step >= DirectiveStep.Prepare && position is not null && !Record.ShardBytes.IsEmpty;
        return new HostDirective
        {
            Version = _version,
            Position = position,
            Run = Record.Run,
            Incarnation = _hosts.TryGetValue(host, out var view) ? view.Report.Incarnation : 0,
            Restore = _version.Step >= DirectiveStep.Prepare ? Record.Restore : null,
            Own = prepared ? [.. _job.RanksOf(position!.Value).Select(rank => ToOwn(rank))] : [],
            Held = prepared ? [.. _placement.HeldBy(position!.Value).SelectMany(_job.RanksOf).Select(rank => ToHeld(rank, host))] : [],
            DataEndpoints = _hosts.DataEndpoints,
            RingEndpoints = _ringEndpoints,
            Committed = _commits.Committed,
            Abandoned = _abandoned,
            Persist = position is { } at ? _persist?.DirectiveFor(at) : null,
            Persisted = Record.Persisted,
            Leave = _leave.GetValueOrDefault(host),
            Guests = _version.Step == DirectiveStep.Halt ? _guests.GetValueOrDefault(host, []) : [],
            Kept = prepared && _plan is { } plan ? Memory.KeptBy(position!.Value, Served(plan)[host]) : [],
        };
    }

    public JobStatus Status(HostName rootHost, long now)
    {
        var (trained, captured) = Progress();
        return new JobStatus
        {
            Job = _job,
            Phase = Phase,
            Reason = Reason,
            Missing = Missing,
            Epoch = Record.Epoch,
            Trained = trained,
            Captured = captured,
            Committed = _commits.Committed,
            CommittedLagMax = _statistics.CommittedLagMax,
            CommitSilenceMilliseconds = _phase == JobPhase.Running ? _commitSilence.Quiet : 0,
            SaveInterval = _statistics.SaveInterval,
            RanksApart = _phase == JobPhase.Running ? _statistics.RanksApart : 0,
            CommittedHashes = [.. _commits.Shards.Select(replica => replica.Hash)],
            IterationMillisecondsMedian = _statistics.MillisecondsMedian,
            Hosts = [.. _hosts.Values.Select(ToStatus)],
            Recoveries = Record.Recoveries,
            RootHost = rootHost,
            Persisted = Record.Persisted?.Iteration ?? default,
            StorageProblem = DescribeStorageProblem(),
            MachineRequests = _machines,
            Redundancy = DescribeRedundancy(now),
            Quarantined = [.. _hosts.Values.SelectMany(host => host.Report.Quarantined)],
            Placement = PlacementStatus(),
            Slow = _phase == JobPhase.Running ? _slow.Describe(Record.Assignment.OfType<HostName>()) : null,
        };
    }

    private HostStatus ToStatus(HostView host) =>
        new()
        {
            Report = host.Report,
            Position = PositionOf(host.Report.Host),
            Alive = host.IsPresent,
            CannotTakeOver = WhyCannotTakeOver(host),
            Domain = _labels.TextOf(host.Report.Host, host.Report.Labels),
        };

    private ShardDirective ToOwn(Rank rank)
    {
        var recovery = _plan is { Restore: not null } plan ? plan.Shards[rank.Value] : null;
        return new ShardDirective
        {
            Owner = rank,
            PayloadBytes = Record.ShardBytes[rank.Value],
            Holders = [.. HoldersOf(rank).Skip(1).OfType<HostName>()],
            Hash = recovery?.Replica.Hash,
            Sources = recovery?.Sources ?? [],
            InStorage = recovery is not null && _plan!.Source == CopySource.Storage,
        };
    }

    private ShardDirective ToHeld(Rank rank, HostName holder) => new()
    {
        Owner = rank,
        PayloadBytes = Record.ShardBytes[rank.Value],
        Sources = [.. HoldersOf(rank).OfType<HostName>().Where(host => host != holder)],
    };

    /// <summary>By the placement, the owner's host first; null where a position is vacant.</summary>
    private IEnumerable<HostName?> HoldersOf(Rank rank) =>
        _placement.HoldersOf(_job.PositionOf(rank)).Select(position => Record.Assignment[position.Value]);

    private static string DescribeExposure(List<Finding> unwell) =>
        string.Join("; ", unwell.Where(entry => entry.Verdict == HealthVerdict.Exposed).Select(entry => entry.Reason));

    /// <summary>Whose copies the plan may take from each host. Looked up for every directive, so it is made once for each plan.</summary>
    private ILookup<HostName, Rank> Served(RecoveryPlan plan)
    {
        if (_served is not { } known || known.Plan != plan) _served = known = (plan, PositionMemory.ServedBy(plan));
        return known.ByHost;
    }

    private (RecoveryPlan Plan, ILookup<HostName, Rank> ByHost)? _served;

    /// <summary>Looked up for every host at every report; so it is made anew only when a position changes hands.</summary>
    private (ImmutableArray<HostName?> Assignment, Dictionary<HostName, HostPosition> ByHost) _positions = ([], []);

    private HostPosition? PositionOf(HostName host)
    {
        if (_positions.Assignment != Record.Assignment)
        {
            var positions = Record.Assignment.Select((name, position) => (name, position)).Where(entry => entry.name is not null)
                .ToDictionary(entry => entry.name!.Value, entry => new HostPosition(entry.position));
            _positions = (Record.Assignment, positions);
        }

        return _positions.ByHost.TryGetValue(host, out var found) ? found : null;
    }

    private bool IsPresent(HostName host) => _hosts.TryGetValue(host, out var view) && view.IsPresent;

    /// <summary>Positions without a live host.</summary>
    private IEnumerable<HostPosition> AbsentPositions() =>
        Enumerable.Range(0, Record.Assignment.Length)
            .Where(index => Record.Assignment[index] is not { } host || !IsPresent(host))
            .Select(index => new HostPosition(index));

    private bool AnyIsAbsent() => Array.Exists(_hosts.At(Record.Assignment), host => host is not { IsPresent: true });

    /// <summary>Hosts with a position that have ever reported, in position order.</summary>
    private HostView[] AssignedHosts() => _hosts.Assigned(Record.Assignment);

    private string Names(Func<HostView, bool> selected) => string.Join(", ", AssignedHosts().Where(selected).Select(host => host.Report.Host));

    /// <summary>The trainer of every rank; null where none is known.</summary>
    private TrainerReport?[] Trainers() => _hosts.Trainers(Record.Assignment);

    private ImmutableArray<string> RingEndpoints() => [.. Trainers().Select(trainer => trainer?.RingEndpoint ?? "")];

    /// <summary>What the trainers declared; default while one has not.</summary>
    private ImmutableArray<long> DeclaredShardBytes()
    {
        var bytes = Trainers().Select(trainer => trainer?.ShardBytes ?? 0).ToImmutableArray();
        return bytes.All(size => size > 0) ? bytes : default;
    }
}
