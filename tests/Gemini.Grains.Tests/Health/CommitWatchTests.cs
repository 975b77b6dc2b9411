using Gemini.Grains.Health;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Health;

/// <summary>When a captured snapshot waits too long for its commit, and the remedies.</summary>
public sealed class CommitWatchTests
{
    private const long Second = 1000;

    /// <summary>Milliseconds between two looks, as in production.</summary>
    private const long Look = 100;

    private readonly CommitWatch _watch = new(new HealthOptions { CommitFloor = TimeSpan.FromSeconds(10), CommitMultiple = 10 });
    private long _now = 1_000_000;

    [Fact]
    public void Captured_IsNotCommitted_IsAbandonedTwiceAndThenAnEpochIsBegunFromANewerCapture()
    {
        var stuck = Pace(committed: 4, captured: 5);

        Assert.Equal(10 * Second, Until(stuck, CommitRemedy.Abandon));
        var next = Pace(committed: 4, captured: 7);
        Assert.Equal(10 * Second, Until(next, CommitRemedy.Abandon) + Look);
        Assert.Equal((CommitRemedy.None, ""), LookAt(next));
        var (remedy, reason) = LookAt(Pace(committed: 4, captured: 9));

        Assert.Equal(CommitRemedy.BeginEpoch, remedy);
        Assert.Equal(
            "every rank has captured iteration 9, and nothing was committed for 20.2 s; abandoning it 2 times did not help, "
            + "so all that replicates and counts copies is built anew",
            reason);
    }

    [Fact]
    public void Captured_NobodyCapturesAfterTheAbandonment_TheEpochIsBegunAfterTheSameWait()
    {
        var stuck = Pace(committed: 4, captured: 5);

        Until(stuck, CommitRemedy.Abandon);
        Until(stuck, CommitRemedy.Abandon);

        Assert.Equal(10 * Second, Until(stuck, CommitRemedy.BeginEpoch) + Look);
    }

    [Theory]
    [InlineData(false, 5, 5)] // A host is without its silo, the job waits for its last snapshot, or no rank makes steps.
    [InlineData(true, 4, 4)] // A long time between two saves.
    [InlineData(true, 5, 7)] // Ranks are not in step, or one rank skips a snapshot that the others capture.
    public void NoSnapshotOfAllRanksIsOwed_NothingIsDone(bool isExpected, long oldest, long newest)
    {
        var pace = Pace(committed: 4, captured: oldest) with { IsExpected = isExpected, NewestCapture = new Iteration(newest) };

        for (var look = 0; look < 36_000; look++) Assert.Equal(CommitRemedy.None, LookAt(pace).Remedy);
    }

    [Fact]
    public void SavesAreRare_TimeCountsFromTheCaptureOnly()
    {
        for (var look = 0; look < 10_000; look++) LookAt(Pace(committed: 100, captured: 100));

        Assert.Equal(10 * Second, Until(Pace(committed: 100, captured: 200), CommitRemedy.Abandon));
    }

    [Fact]
    public void Commits_KeepUp_NothingIsDone()
    {
        for (long iteration = 1; iteration < 1000; iteration++)
        {
            for (var look = 0; look < 90; look++) Assert.Equal(CommitRemedy.None, LookAt(Pace(committed: iteration, captured: iteration + 1)).Remedy);
        }
    }

    [Fact]
    public void Limit_IsTheLongestOfFloorIterationsAndTransfer()
    {
        Assert.Equal(50 * Second, Until(Pace(4, 5) with { IterationMilliseconds = 5000 }, CommitRemedy.Abandon));
        LookAt(Pace(4, 4));
        Assert.Equal(300 * Second, Until(Pace(4, 5) with { BytesToSend = 30_000_000_000 }, CommitRemedy.Abandon));
    }

    [Fact]
    public void NewEpochs_DoNotHelp_EachWaitIsLongerThanTheOneBefore()
    {
        List<long> waits = [];
        for (var epoch = 1; epoch <= 8; epoch++)
        {
            var begin = _now;
            var stuck = Pace(committed: 3 + epoch, captured: 4 + epoch) with { Epoch = new Epoch(epoch) };
            Until(stuck, CommitRemedy.Abandon);
            Until(stuck, CommitRemedy.Abandon);
            Until(stuck, CommitRemedy.BeginEpoch);
            waits.Add((_now - begin) / Second);
        }

        Assert.Equal([30, 60, 120, 240, 480, 960, 960, 960], waits);
    }

    [Fact]
    public void NewEpoch_Helped_TheNextWaitIsTheShortOneAgain()
    {
        var stuck = Pace(committed: 4, captured: 5);
        Until(stuck, CommitRemedy.Abandon);
        Until(stuck, CommitRemedy.Abandon);
        Until(stuck, CommitRemedy.BeginEpoch);
        for (long iteration = 5; iteration < 100; iteration++)
        {
            for (var look = 0; look < 10; look++) LookAt(Pace(committed: iteration, captured: iteration + 1));
        }

        Assert.Equal(10 * Second, Until(Pace(committed: 100, captured: 101), CommitRemedy.Abandon));
    }

    private static CommitPace Pace(long committed, long captured) => new()
    {
        Epoch = new Epoch(1),
        IsExpected = true,
        Committed = new Iteration(committed),
        OldestCapture = new Iteration(captured),
        NewestCapture = new Iteration(captured),
        IterationMilliseconds = 100,
        BytesToSend = 1_000_000,
    };

    private (CommitRemedy Remedy, string Reason) LookAt(CommitPace pace)
    {
        _now += Look;
        return _watch.Evaluate(pace, _now);
    }

    /// <summary>Looks until there is a remedy, and checks that it is the expected one. Returns the milliseconds since the first look.</summary>
    private long Until(CommitPace pace, CommitRemedy expected)
    {
        var begin = _now + Look;
        for (var look = 0; look < 100_000; look++)
        {
            var (remedy, reason) = LookAt(pace);
            if (remedy == CommitRemedy.None) continue;
            Assert.Equal(expected, remedy);
            Assert.NotEmpty(reason);
            return _now - begin;
        }

        throw new InvalidOperationException($"No {expected} within 10,000 s.");
    }
}
