using CsCheck;
using Gemini.Grains.Commit;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Commit;

public sealed class CommitTrackerTests
{
    private readonly CommitTracker _tracker = new(groupCount: 2);

    [Fact]
    public void Complete_EveryGroup_CommitsWithAllShardsInRankOrder()
    {
        Assert.False(Complete(1, 5));
        Assert.Equal(Iteration.Zero, _tracker.Committed);

        Assert.True(Complete(0, 5));

        Assert.Equal(new Iteration(5), _tracker.Committed);
        Assert.Equal([0, 1, 2, 3], _tracker.Shards.Select(shard => shard.Owner.Value));
    }

    [Fact]
    public void Complete_Again_CommitsNothingNew()
    {
        Complete(0, 5);
        Complete(1, 5);

        Assert.False(Complete(0, 5));
        Assert.False(Complete(1, 5));
    }

    [Fact]
    public void Complete_GivenUpByAnEarlierRootAgent_IsNotCommitted_AndTheNextOneIs()
    {
        _tracker.Learn(new Iteration(4));
        _tracker.LearnAbandoned(new Iteration(6));

        Assert.False(Complete(0, 6) || Complete(1, 6));
        Assert.Equal(new Iteration(4), _tracker.Committed);
        Assert.False(Complete(0, 7));
        Assert.True(Complete(1, 7));
    }

    [Fact]
    public void Complete_OlderThanCommitted_IsIgnored()
    {
        Complete(0, 4);
        Complete(0, 5);
        Complete(1, 5);

        Assert.False(Complete(1, 4));
        Assert.Equal(new Iteration(5), _tracker.Committed);
    }

    [Fact]
    public void Complete_SameIterationOfTwoEpochs_AreNotAddedUp()
    {
        _tracker.Complete(0, Jobs.Snapshot(5, epoch: 1), Jobs.Replicas(Jobs.Snapshot(5, epoch: 1), 0, 1));

        Assert.False(_tracker.Complete(1, Jobs.Snapshot(5, epoch: 2), Jobs.Replicas(Jobs.Snapshot(5, epoch: 2), 2, 3)));
    }

    [Fact]
    public void Learn_OnlyGrows_AndLeavesTheShardsToBeTold()
    {
        _tracker.Learn(new Iteration(5));
        _tracker.Learn(new Iteration(3));

        Assert.Equal(new Iteration(5), _tracker.Committed);
        Assert.Empty(_tracker.Shards);
        Complete(0, 5);
        Assert.True(Complete(1, 5));
        Assert.Equal(4, _tracker.Shards.Length);
    }

    [Fact]
    public void StartEpoch_MayGoBack_AndForgetsWhatWasUnderWay()
    {
        Complete(0, 7);
        _tracker.Learn(new Iteration(6));

        _tracker.StartEpoch(new Iteration(4));

        Assert.Equal(new Iteration(4), _tracker.Committed);
        Assert.False(Complete(1, 7));
    }

    [Fact]
    public void StartEpoch_AtTheCommittedIteration_KeepsItsShards()
    {
        Complete(0, 5);
        Complete(1, 5);

        _tracker.StartEpoch(new Iteration(5));

        Assert.Equal(4, _tracker.Shards.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Abandon_IsNeverCommittedAfterwards(bool oneGroupWasComplete)
    {
        if (oneGroupWasComplete) Complete(0, 5);

        Assert.True(_tracker.Abandon(new Iteration(5)));

        Assert.False(Complete(0, 5));
        Assert.False(Complete(1, 5));
        Complete(0, 6);
        Assert.True(Complete(1, 6));
    }

    [Fact]
    public void Abandon_CommittedIteration_IsRefused()
    {
        Complete(0, 5);
        Complete(1, 5);

        Assert.False(_tracker.Abandon(new Iteration(5)));
    }

    [Fact]
    public void StartEpoch_AbandonedIteration_MayBeCommittedInTheNewEpoch()
    {
        _tracker.Abandon(new Iteration(5));

        _tracker.StartEpoch(new Iteration(4));

        Complete(0, 5);
        Assert.True(Complete(1, 5));
    }

    /// <summary>In any order and with repeats, the newest iteration that all groups completed is committed, and commits never go back.</summary>
    [Fact]
    public void Complete_AnyOrder_CommitsTheNewestThatAllGroupsHave() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[1, 6]).List[0, 40].Sample(messages =>
        {
            var tracker = new CommitTracker(groupCount: 3);
            var before = Iteration.Zero;
            foreach (var (group, iteration) in messages)
            {
                tracker.Complete(group, Jobs.Snapshot(iteration), Jobs.Replicas(Jobs.Snapshot(iteration), group));
                Assert.True(tracker.Committed >= before);
                before = tracker.Committed;
            }

            int GroupsOf(int iteration) => messages.Where(message => message.Item2 == iteration).Select(message => message.Item1).Distinct().Count();
            var newest = Enumerable.Range(1, 6).LastOrDefault(iteration => GroupsOf(iteration) == 3);
            Assert.Equal(newest, tracker.Committed.Value);
        });

    private bool Complete(int group, long iteration) =>
        _tracker.Complete(group, Jobs.Snapshot(iteration), Jobs.Replicas(Jobs.Snapshot(iteration), group * 2, (group * 2) + 1));
}
