using System.Collections.Immutable;
using Gemini.Grains.Persistence;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Persistence;

/// <summary>One snapshot at a time, from the request to its manifest.</summary>
public sealed class PersistTrackerTests
{
    private static readonly JobSpec Job = new() { Name = "job", Hosts = [new("a"), new("b")] };

    private readonly PersistReport?[] _reports = new PersistReport?[2];
    private PersistTracker _tracker = new(Job, new StoragePolicy { EveryIterations = 10 });
    private long _now = 1;
    private long _epoch = 1;

    [Fact]
    public void Due_NamesAheadAndTellsEveryHost()
    {
        Evaluate(committed: 3);

        Assert.Equal(Snapshot(10), _tracker.Request);
        Assert.All([0, 1], position => Assert.Equal(Snapshot(10), _tracker.DirectiveFor(new HostPosition(position))!.Snapshot));
        Assert.Empty(ManifestAt(0));
    }

    [Fact]
    public void AllStoredAndCommitted_OneHostWritesTheManifest_ThenItIsComplete()
    {
        Evaluate(committed: 3);
        Report(0, PersistStage.Stored);
        Report(1, PersistStage.Staged);
        Evaluate(committed: 10);
        Assert.Empty(ManifestAt(0));

        Report(1, PersistStage.Stored);
        Assert.Null(Evaluate(committed: 10));
        Assert.Equal([0, 1], ManifestAt(0).Select(shard => shard.Owner.Value));
        Assert.Empty(ManifestAt(1));

        Report(0, PersistStage.Completed);
        Assert.Equal(Snapshot(10), Evaluate(committed: 14));
        Assert.Equal(Snapshot(20), _tracker.Request);
        Assert.Empty(ManifestAt(0));
    }

    [Fact]
    public void AllStored_NotCommittedYet_NoManifest()
    {
        Evaluate(committed: 3);
        Report(0, PersistStage.Stored);
        Report(1, PersistStage.Stored);
        Evaluate(committed: 9);
        Assert.Empty(ManifestAt(0));
    }

    [Fact]
    public void OneHostMissed_AnotherIsNamedFurtherAhead()
    {
        Evaluate(committed: 3);
        Report(0, PersistStage.Stored);
        Report(1, PersistStage.Missed);
        Evaluate(committed: 11);
        Assert.Equal(Snapshot(14), _tracker.Request);
    }

    [Fact]
    public void Report_OfAnEarlierRequest_CountsForNothing()
    {
        Evaluate(committed: 3);
        _reports[1] = new PersistReport { Snapshot = Snapshot(5), Stage = PersistStage.Missed };
        Evaluate(committed: 4);
        Assert.Equal(Snapshot(10), _tracker.Request);
    }

    [Fact]
    public void NewEpoch_CommittedRequest_GoesOn_UncommittedIsNamedAnew()
    {
        Evaluate(committed: 3);
        _epoch = 2;
        Evaluate(committed: 3, training: false);
        Assert.Null(_tracker.Request);
        Evaluate(committed: 3);
        Assert.Equal(Snapshot(10), _tracker.Request);

        _epoch = 3;
        Evaluate(committed: 10);
        Assert.Equal(new SnapshotId(new Iteration(10), new Epoch(2)), _tracker.Request);
    }

    [Fact]
    public void StorageFails_RequestIsKept_AndGivenUpOnlyWhenANewerIsLongDue()
    {
        _tracker = new PersistTracker(Job, StoragePolicy.HighFreq);
        Evaluate(committed: 3);
        Assert.Equal(Snapshot(5), _tracker.Request);
        Report(1, PersistStage.Staged, "No space left on device");

        _now += (long)PersistTracker.TroubledRequestLimit.TotalMilliseconds - 1;
        Evaluate(committed: 50);
        Assert.Equal(Snapshot(5), _tracker.Request);
        _now++;
        Evaluate(committed: 60);
        Assert.Equal(Snapshot(62), _tracker.Request);
    }

    private static SnapshotId SnapshotIn(long iteration, long epoch) => new(new Iteration(iteration), new Epoch(epoch));

    private SnapshotId Snapshot(long iteration) => SnapshotIn(iteration, _epoch);

    private ImmutableArray<StoredShard> ManifestAt(int position) => _tracker.DirectiveFor(new HostPosition(position))?.Manifest ?? [];

    private void Report(int position, PersistStage stage, string? problem = null) => _reports[position] = new PersistReport
    {
        Snapshot = _tracker.Request!.Value,
        Stage = stage,
        Shards = stage == PersistStage.Stored ? [new StoredShard(new Rank(position), new ContentHash(7), 100, 10)] : [],
        Problem = problem,
    };

    private SnapshotId? Evaluate(long committed, bool training = true) => _tracker.Evaluate(
        new PersistObservation
        {
            Now = _now,
            Epoch = new Epoch(_epoch),
            IsTraining = training,
            Committed = new Iteration(committed),
            Reached = new Iteration(committed),
            Reports = [.. _reports.Select((report, index) => new HostReport
            {
                Host = Job.Hosts[index], Incarnation = 1, Sequence = 1, SpecFingerprint = "", DataEndpoint = "", Persist = report,
            })],
        },
        since: 0);
}
