using Gemini.Benchmarks.Overhead;
using Gemini.Interfaces.Model;

namespace Gemini.Benchmarks.Tests.Overhead;

public sealed class CommitLogTests
{
    private readonly CommitLog _log = new();

    [Fact]
    public void EveryIterationCommitted_OneCommitPerIteration_AndTheTimeFromItsEndToItsCommit()
    {
        Note(trained: 1, committed: 0, at: 1);
        Note(trained: 1, committed: 1, at: 1.25);
        Note(trained: 2, committed: 1, at: 2);
        Note(trained: 2, committed: 2, at: 2.5);
        Note(trained: 3, committed: 3, at: 3.25);
        Assert.Equal(1, _log.CommitsPerIteration(Second(1), Second(4)));
        Assert.Equal(250, _log.MedianLag(Second(1.1), Second(4)));
    }

    [Fact]
    public void IterationsWithoutACommit_Count()
    {
        Note(trained: 1, committed: 1, at: 1);
        Note(trained: 5, committed: 5, at: 5);
        Note(trained: 9, committed: 9, at: 9);
        Assert.Equal(0.25, _log.CommitsPerIteration(Second(0), Second(10)));
    }

    [Fact]
    public void OnlyTheTimeCounts()
    {
        Note(trained: 1, committed: 1, at: 1);
        Note(trained: 9, committed: 9, at: 9);
        Note(trained: 10, committed: 10, at: 10);
        Assert.Equal(1, _log.CommitsPerIteration(Second(8), Second(10)));
    }

    [Fact]
    public void NoCommits_NothingCanBeSaid()
    {
        Note(trained: 3, committed: 0, at: 3);
        Assert.Equal((0.0, 0.0), (_log.CommitsPerIteration(Second(0), Second(5)), _log.MedianLag(Second(0), Second(5))));
    }

    private void Note(long trained, long committed, double at) => _log.Note(new Iteration(trained), new Iteration(committed), Second(at));

    private static TimeSpan Second(double seconds) => TimeSpan.FromSeconds(seconds);
}
