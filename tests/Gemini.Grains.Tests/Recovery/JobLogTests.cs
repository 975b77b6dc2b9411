using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>The lines about a job in its root agent's log, for operators.</summary>
public sealed class JobLogTests
{
    private static readonly RecoveryTimeline Running = new()
    {
        Epoch = new Epoch(3),
        Reason = "lost",
        Kind = FailureKind.Hardware,
        Hosts = [new HostName("host-b")],
        ReachedIteration = new Iteration(34),
        ResumedIteration = new Iteration(30),
        Source = CopySource.Peer,
        FailedAt = 1_000_000,
    };

    private static readonly RecoveryTimeline Ended = Running with { ResumedAt = 1_026_900 };

    [Theory]
    [InlineData(JobPhase.Halting, "because", LogLevel.Warning, "Halting: because")]
    [InlineData(JobPhase.Replacing, "waiting for a host", LogLevel.Warning, "Replacing: waiting for a host")]
    [InlineData(JobPhase.Resuming, "", LogLevel.Warning, "Resuming")]
    [InlineData(JobPhase.Running, "", LogLevel.Information, "Running")]
    [InlineData(JobPhase.Running, "host-a: its silo is away", LogLevel.Warning, "Running: host-a: its silo is away")]
    [InlineData(JobPhase.Failed, "no copy", LogLevel.Error, "Failed: no copy")]
    public void Phase_AfterAFailure_ThatStopsTraining_IsAWarning(JobPhase phase, string reason, LogLevel level, string text)
    {
        var record = new RootRecord { Recoveries = [Running] };
        var log = new JobLog(record, now: 0);

        Assert.Equal((level, text), log.Phase(phase, reason, record));
        Assert.Null(log.Phase(phase, reason, record));
    }

    [Fact]
    public void Phase_OfAFirstStart_IsNoWarning() =>
        Assert.Equal(LogLevel.Information, new JobLog(new RootRecord(), now: 0).Phase(JobPhase.Halting, "the job starts", new RootRecord())!.Value.Level);

    [Fact]
    public void Recovery_Ends_IsToldOnceWithSecondsAndSource()
    {
        var log = new JobLog(new RootRecord { Recoveries = [Running] }, now: 0);

        Assert.Null(log.Recovery(new RootRecord { Recoveries = [Running] }));
        Assert.Equal(
            "recovered in 26.9 s from a hardware failure of host-b: training continues from iteration 30, partly from the memory of peers; "
            + "4 iterations are repeated",
            log.Recovery(new RootRecord { Recoveries = [Ended] }));
        Assert.Null(log.Recovery(new RootRecord { Recoveries = [Ended] }));
    }

    [Fact]
    public void Recovery_EndedBeforeThisRootAgent_IsNotToldAgain()
    {
        var record = new RootRecord { Recoveries = [Ended] };

        Assert.Null(new JobLog(record, now: 0).Recovery(record));
    }

    [Fact]
    public void Progress_WhileTheJobRuns_IsToldOnceAMinute()
    {
        var log = new JobLog(new RootRecord(), now: 0);

        var told = Enumerable.Range(1, 1800).Count(tenth => log.IsProgressDue(JobPhase.Running, tenth * 100));

        Assert.Equal(3, told);
        Assert.False(log.IsProgressDue(JobPhase.Replacing, 1_000_000));
    }

    [Fact]
    public void Progress_SaysHowFarTheJobIs()
    {
        var status = new JobStatus
        {
            Job = Jobs.Spec(hosts: 2, replicas: 2),
            Phase = JobPhase.Running,
            Reason = "",
            Trained = new Iteration(1000),
            Committed = new Iteration(998),
            IterationMillisecondsMedian = 52.46,
        };

        Assert.Equal("iteration 1000, committed 998, 52.5 ms an iteration", JobLog.Progress(status));
    }
}
