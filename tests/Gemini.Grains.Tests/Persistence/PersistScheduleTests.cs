using CsCheck;
using Gemini.Grains.Persistence;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Persistence;

public sealed class PersistScheduleTests
{
    private const long Hour = 3_600_000;

    [Theory]
    [InlineData(0, null)]
    [InlineData((3 * Hour) - 1, null)]
    [InlineData(3 * Hour, 102L)]
    public void Strawman_IsDueEveryThreeHours(long now, long? expected) =>
        Assert.Equal(expected, Next(StoragePolicy.Strawman, now, reached: 100));

    [Fact]
    public void HighFreq_IsDueAsSoonAsThePreviousIsComplete() => Assert.Equal(102, Next(StoragePolicy.HighFreq, now: 0, reached: 100));

    /// <summary>GPT-2 100B, 16 machines: 75.2 GB each over 20 Gbps for all is 481 s; an iteration takes 62 s.</summary>
    [Theory]
    [InlineData(481, 62, 8)]
    [InlineData(62, 62, 1)]
    [InlineData(1, 62, 1)]
    [InlineData(63, 62, 2)]
    public void HighFreq_IntervalInIterations_IsThePapers(double checkpointSeconds, double iterationSeconds, long expected) =>
        Assert.Equal(expected, PersistSchedule.HighFreqIterations(TimeSpan.FromSeconds(checkpointSeconds), TimeSpan.FromSeconds(iterationSeconds)));

    [Fact]
    public void EveryIterations_NamesTheNextMultiple_AheadOfItsCapture() =>
        (from every in Gen.Long[1, 1000] from reached in Gen.Long[0, 1_000_000] select (every, reached)).Sample(given =>
        {
            var next = Next(new StoragePolicy { EveryIterations = given.every }, now: 0, given.reached)!.Value;
            Assert.Equal(0, next % given.every);
            Assert.InRange(next, given.reached + 1, given.reached + given.every);
        });

    [Theory]
    [InlineData(1, 103)]
    [InlineData(3, 105)]
    [InlineData(1000, 116)]
    public void Missed_NamesOneFurtherAhead_UpToABound(int misses, long expected) =>
        Assert.Equal(expected, Next(new StoragePolicy { EveryIterations = 50 }, now: 0, reached: 100, misses: misses));

    [Fact]
    public void BeyondTheLastIteration_NamesNone()
    {
        Assert.Equal(100, Next(new StoragePolicy { EveryIterations = 50 }, now: 0, reached: 99, total: 100));
        Assert.Null(Next(new StoragePolicy { EveryIterations = 50 }, now: 0, reached: 100, total: 120));
    }

    private static long? Next(StoragePolicy policy, long now, long reached, long total = 0, int misses = 0) =>
        PersistSchedule.Next(policy, new PersistProgress(Since: 0, new Iteration(reached), total, misses), now)?.Value;
}
