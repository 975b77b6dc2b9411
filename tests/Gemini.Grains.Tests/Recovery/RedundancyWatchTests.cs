using Gemini.Grains.Recovery;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

public sealed class RedundancyWatchTests
{
    private readonly Parts _parts = new Parts(record: record => record with { Committed = new Iteration(3) }).At(DirectiveStep.Run, JobPhase.Running);
    private readonly RedundancyWatch _watch;

    public RedundancyWatchTests() => _watch = new RedundancyWatch(_parts.State, _parts.Roster, _parts.Commits);

    /// <summary>A commit means that every holder has its copy, even if reports of different moments differ.</summary>
    [Fact]
    public void Evaluate_AfterACommit_TheHoldersThatLiveAreCounted()
    {
        _parts.Train(iteration: 3);
        _watch.ObserveCommit();
        _watch.Evaluate(now: 10);
        Assert.Equal((2, false), (_watch.Describe(now: 10).LeastCopies, _watch.Describe(now: 10).Exposed));

        _parts.Lose(20, "h1");
        _watch.Observe(_parts.Roster.TakeChange(new HostName("h1")));
        _watch.Evaluate(now: 20);

        var described = _watch.Describe(now: 25);
        Assert.Equal((1, true, 20, 5), (described.LeastCopies, described.Exposed, described.ExposedSince, described.ExposedMilliseconds));
        Assert.Equal([0, 1], described.Weakest.Select(rank => rank.Value));
    }

    [Fact]
    public void Evaluate_NothingChanged_NothingIsCounted()
    {
        _parts.Train(iteration: 3);
        _watch.ObserveCommit();
        _watch.Evaluate(now: 10);
        _parts.Lose(20, "h1");

        _watch.Evaluate(now: 20);
        Assert.Equal(2, _watch.Describe(now: 20).LeastCopies);
        _watch.Observe(HostChange.Losses);
        _watch.Evaluate(now: 20);

        Assert.Equal(1, _watch.Describe(now: 20).LeastCopies);
    }

    [Fact]
    public void ObserveCommit_WhileNobodyTrains_IsAMistake()
    {
        var parts = new Parts().At(DirectiveStep.Halt, JobPhase.Halting);
        Assert.Throws<InvariantViolatedException>(new RedundancyWatch(parts.State, parts.Roster, parts.Commits).ObserveCommit);
    }
}
