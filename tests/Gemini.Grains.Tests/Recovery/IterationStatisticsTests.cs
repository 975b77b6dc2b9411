using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>What reports show about the pace of a job.</summary>
public sealed class IterationStatisticsTests
{
    private static readonly Epoch Epoch = new(3);

    private readonly IterationStatistics _statistics = new();

    [Fact]
    public void RanksApart_InStepButReportedAtDifferentTimes_IsAtMostOne()
    {
        for (var iteration = 1; iteration < 50; iteration++)
        {
            Report("a", iteration);
            // The other host reports only every tenth iteration, and has then reached the iteration of the first host.
            if (iteration % 10 == 0) Report("b", iteration - 1);
        }

        Assert.Equal(1, _statistics.RanksApart);
    }

    [Fact]
    public void RanksApart_OneDriftsBehind_IsHowFar()
    {
        Report("a", 5);
        Report("b", 5);
        Report("a", 60);
        Report("b", 29);

        Assert.Equal(31, _statistics.RanksApart);
        Report("b", 60);
        Assert.Equal(0, _statistics.RanksApart);
    }

    [Fact]
    public void RanksApart_AnOvertakenReport_ChangesNothing()
    {
        Report("a", 60);
        Report("b", 60);
        Report("b", 20);

        Assert.Equal(0, _statistics.RanksApart);
    }

    [Fact]
    public void RanksApart_NewEpoch_BeginsAgain()
    {
        Report("a", 60);
        Report("b", 20);

        Report("a", 21, epoch: 4);
        Report("b", 20, epoch: 4);

        Assert.Equal(1, _statistics.RanksApart);
    }

    [Fact]
    public void SaveInterval_SavesOfEveryHundredth_IsAHundredAlthoughSomeReportsLeaveOneOut()
    {
        Assert.Equal(0, _statistics.SaveInterval);
        foreach (var captured in (long[])[100, 200, 400, 500, 800]) Report("a", captured + 1, captured);

        Assert.Equal(100, _statistics.SaveInterval);
    }

    /// <summary>Otherwise a rank that skips saves would look like a rank that saves seldom.</summary>
    [Fact]
    public void SaveInterval_SavesWereSkippedBetween_IsNotCounted()
    {
        Report("a", 11, captured: 10);
        Report("a", 90, captured: 89, skipped: 78);

        Assert.Equal(0, _statistics.SaveInterval);
    }

    private void Report(string host, long iteration, long captured = 0, long skipped = 0, long epoch = 3) => _statistics.Observe(
        new HostReport
        {
            Host = new HostName(host),
            Incarnation = 1,
            Sequence = 1,
            SpecFingerprint = "",
            DataEndpoint = "",
            Trainers =
            [
                new TrainerReport
                {
                    LocalIndex = 0,
                    State = TrainerState.Training,
                    Epoch = new Epoch(epoch),
                    Iteration = new Iteration(iteration),
                    Captured = new Iteration(captured),
                    SkippedSaves = skipped,
                },
            ],
        },
        new Epoch(epoch),
        default);
}
