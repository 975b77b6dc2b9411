using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

public sealed class StorageDeskTests
{
    private readonly Parts _parts = new Parts(hosts: 2, job => job with { Storage = new StoragePolicy { EveryIterations = 10 } })
        .At(DirectiveStep.Run, JobPhase.Running).Train(iteration: 7);

    private readonly StorageDesk _desk;

    public StorageDeskTests()
    {
        _desk = new StorageDesk(_parts.State, _parts.Roster, _parts.Commits, _parts.Progress);
        _parts.Commits.ObserveComplete(0, new Epoch(1), Jobs.Snapshot(7), Jobs.Replicas(Jobs.Snapshot(7), 0, 1));
    }

    [Fact]
    public void Evaluate_WhileTheJobTrains_NamesTheNextOneByThePolicy()
    {
        Assert.True(_desk.Evaluate(now: 5));
        Assert.Equal(Jobs.Snapshot(10), _desk.DirectiveFor(new HostPosition(1))!.Snapshot);
        Assert.False(_desk.Evaluate(now: 6));
        Assert.Equal(5, _parts.State.Record.PersistedSince);
    }

    /// <summary>The snapshot stays in its slots, so the job is not completed before the snapshot is in storage.</summary>
    [Fact]
    public void Evaluate_TrainingHasEnded_TheCommittedOneGoesThere()
    {
        Assert.False(_desk.HasCommitted);
        _parts.State.Enter(JobPhase.Persisting, "");

        _desk.Evaluate(now: 5);

        Assert.Equal(Jobs.Snapshot(7), _desk.DirectiveFor(new HostPosition(0))!.Snapshot);
        Assert.Equal("waiting for snapshot 7@1 to be in storage", _desk.DescribeCommitted());
        _parts.Report("h1", report => report with { Persist = new PersistReport { Snapshot = Jobs.Snapshot(7), Stage = PersistStage.Missed } });
        Assert.Equal(["h1"], _desk.FindMissedLast(now: 6)!.Hosts.Select(host => host.Value));
        _parts.State.Record = _parts.State.Record with { Persisted = Jobs.Snapshot(7) };
        Assert.True(_desk.HasCommitted);
    }

    [Fact]
    public void JobWithoutStorage_NothingIsEverToDo()
    {
        var parts = new Parts().At(DirectiveStep.Run, JobPhase.Running).Train(iteration: 7);
        var desk = new StorageDesk(parts.State, parts.Roster, parts.Commits, parts.Progress);

        Assert.False(desk.Exists || desk.Evaluate(now: 5));
        Assert.Null(desk.DescribeProblem());
    }
}
