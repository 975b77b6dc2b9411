using System.Collections.Immutable;
using Gemini.Grains.Commit;
using Gemini.Grains.Placement;
using Gemini.Interfaces.Model;
using Gemini.Silo.Tests.Lab.Demo;

namespace Gemini.Silo.Tests.Status;

/// <summary>A job of four hosts in two racks and a standby, after the loss of host-1. The samples are the answers of its root agent.</summary>
internal static class StatusSamples
{
    private static readonly SnapshotId Committed = new(new Iteration(20), new Epoch(2));

    public static JobSpec Job { get; } = new()
    {
        Name = "sample",
        Hosts = [.. Enumerable.Range(0, 4).Select(Host)],
        Domains = ["rack"],
        Labels = [.. Enumerable.Range(0, 5).Select(index => new HostLabel(Host(index), "rack", RackOf(index)))],
        Storage = StoragePolicy.Strawman,
    };

    public static JobStatus Status(JobPhase phase = JobPhase.Running, string reason = "")
    {
        var arrangement = JobPlacement.ArrangementOf(Job);
        return Statuses.Create(21, phase,
            Member(0, 0, phase), Member(4, 1, phase), Member(2, 2, phase), Member(3, 3, phase),
            Statuses.Host("host-1", null, alive: false)) with
        {
            Job = Job,
            Reason = reason,
            Epoch = new Epoch(2),
            Captured = new Iteration(21),
            Committed = Committed.Iteration,
            CommittedLagMax = 2,
            IterationMillisecondsMedian = 12.34,
            RootHost = Host(0),
            Persisted = new Iteration(10),
            Placement = PlacementReport.Of(Job, arrangement, arrangement.Hosts),
            Recoveries = [Recovery()],
            Redundancy = new Redundancy { LeastCopies = 2, ExposedMilliseconds = 1500, LongestExposedMilliseconds = 1200 },
            Quarantined = [new QuarantinedCopy(Host(2), new Rank(3), Committed, "chunk 1 does not match its hash")],
            MachineRequests =
            [
                new MachineRequest
                {
                    Host = Host(1), Reason = "its silo is dead", State = MachineRequestState.Asked, Attempt = 2, Output = "no capacity",
                },
            ],
        };
    }

    /// <param name="dead">Hosts that hold nothing.</param>
    public static CommitRecord Record(params int[] dead)
    {
        var plan = JobPlacement.PlanOf(Job);
        ImmutableArray<HostName?> assignment = [Host(0), Host(4), Host(2), Host(3)];
        var shards = Enumerable.Range(0, 4).Select(rank => new Replica(new Rank(rank), Committed, new ContentHash(0xabc0 + (ulong)rank), 4_000_000)).ToImmutableArray();
        return CommitRecords.Of(new CommitObservation
        {
            Job = Job,
            Plan = plan,
            Epoch = new Epoch(2),
            Captured = new Iteration(21),
            Committed = Committed.Iteration,
            Shards = shards,
            Persisted = new SnapshotId(new Iteration(10), new Epoch(1)),
            Assignment = assignment,
            Live = [.. Enumerable.Range(0, 4).Where(position => !dead.Contains(position)).Select(position => (assignment[position]!.Value, Rack(assignment[position]!.Value),
                shards.Where(shard => plan.HoldersOf(new HostPosition(shard.Owner.Value)).Contains(new HostPosition(position))).ToImmutableArray()))],
        });
    }

    private static HostStatus Member(int host, int position, JobPhase phase)
    {
        var member = Statuses.Host($"host-{host}", position);
        var trainer = member.Report.Trainers[0] with { Iteration = new Iteration(21), Loss = 2.5, TotalIterations = 40, ProcessId = 200 + host };
        if (phase == JobPhase.Completed) trainer = trainer with { State = TrainerState.Finished };
        return member with
        {
            Domain = Rack(Host(host)),
            Report = member.Report with { MemoryBytes = 16_000_000, ManagedBytes = 20_000_000, SiloProcessId = 100 + host, Trainers = [trainer] },
        };
    }

    private static RecoveryTimeline Recovery() => Statuses.Recovery(2, "host-1", 1_700_000_000_000, FailureKind.Hardware, reached: 15, from: 14) with
    {
        FailedAt = 1_699_999_999_900,
        FetchedBytes = 4_000_000,
        Ranks =
        [
            Restore(0, CopySource.Local, 1),
            Restore(1, CopySource.Peer, 8) with { From = Host(0) },
            Restore(2, CopySource.Local, 1),
            Restore(3, CopySource.Local, 1),
        ],
    };

    private static RankRestore Restore(int rank, CopySource source, double milliseconds) => new()
    {
        Rank = new Rank(rank),
        Epoch = new Epoch(2),
        Source = source,
        Bytes = 4_000_000,
        FetchMilliseconds = milliseconds,
        LoadMilliseconds = 3.25,
    };

    private static HostName Host(int index) => new($"host-{index}");

    /// <summary>The standby host-4 is in the rack of the lost host-1.</summary>
    private static string RackOf(int host) => host is 0 or 2 ? "r0" : "r1";

    private static string Rack(HostName host) => $"rack={RackOf(host.Value[^1] - '0')}";
}
