using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Status;
using Gemini.Silo.Tests.Lab.Demo;

namespace Gemini.Silo.Tests.Status;

/// <summary>A job is called safe only while commits keep up with training. Otherwise the verdict names the reason.</summary>
public sealed class SafetyTests
{
    /// <summary>The samples' median iteration is 12.34 ms: 10 s of training are 810 iterations.</summary>
    private const int TenSeconds = 810;

    [Theory]
    [InlineData(TenSeconds, "Safe")]
    [InlineData(TenSeconds + 1, "Degraded")]
    [InlineData(10_000, "Degraded")]
    public void Behind_ShortIterations_MoreThanTenSecondsOfTraining_IsDegraded(long behind, string verdict) =>
        Assert.Equal(verdict, Evaluate(Behind(behind)).Verdict);

    [Theory]
    [InlineData(3, "Safe")]
    [InlineData(4, "Degraded")]
    public void Behind_LongIterations_MoreThanThree_IsDegraded(long behind, string verdict)
    {
        var status = Behind(behind) with { IterationMillisecondsMedian = 30_000, CommitSilenceMilliseconds = 125_400 };

        Assert.Equal(verdict, Evaluate(status).Verdict);
        if (verdict == "Degraded")
        {
            Assert.Equal(
                $"commits are {behind} iterations behind training, and at most 3 are expected; nothing was committed for 125 s", Evaluate(status).Reason);
        }
    }

    /// <summary>A loop that saves every hundredth iteration is always up to a hundred iterations behind, and a little more.</summary>
    [Fact]
    public void Behind_RareSaves_IsSafeWithinTwoOfThem()
    {
        var status = Behind(200) with { IterationMillisecondsMedian = 30_000, SaveInterval = 100 };

        Assert.Equal("Safe", Evaluate(status).Verdict);
        Assert.Equal("Degraded", Evaluate(status with { Trained = new Iteration(20 + 201) }).Verdict);
    }

    [Fact]
    public void RecoversFromStorage_IsBehindInMemory_IsNoReasonButASiloThatIsAwayIs()
    {
        var status = Behind(10_000) with { Job = StatusSamples.Job with { Mode = CheckpointMode.Strawman } };

        Assert.Equal("Safe", Evaluate(status).Verdict);
        Assert.Equal("Degraded", Evaluate(status with { Reason = "host-2 is without its silo" }).Verdict);
    }

    [Fact]
    public void Behind_OtherBounds_Count()
    {
        Assert.Equal("Degraded", Evaluate(Behind(3), new SafetyBounds { Iterations = 2, Seconds = 0 }).Verdict);
        Assert.Equal("Safe", Evaluate(Behind(900), new SafetyBounds { Iterations = 1000 }).Verdict);
    }

    /// <summary>The root agent counts iterations that every rank has finished. Iterations that only one rank has finished can also be lost.</summary>
    [Fact]
    public void Behind_OneRankIsFarAhead_IsDegraded()
    {
        var status = WithTrainer(StatusSamples.Status(), host: 2, trainer => trainer with { Epoch = new Epoch(2), Iteration = new Iteration(2000) });

        Assert.Equal("Degraded", Evaluate(status).Verdict);
        Assert.Equal(1980, StatusReports.Of(status, StatusSamples.Record()).Iterations.CommittedLag);
    }

    /// <summary>A root agent that has just come up has measured nothing, but trainers have.</summary>
    [Fact]
    public void Behind_TheMedianIsNotKnown_TrainersIterationsCount()
    {
        var status = Behind(100) with { IterationMillisecondsMedian = 0 };
        Assert.Equal("Degraded", Evaluate(status).Verdict);

        status = WithTrainer(status, host: 0, trainer => trainer with { Epoch = new Epoch(2), IterationMilliseconds = 50 });
        Assert.Equal("Safe", Evaluate(status).Verdict);
    }

    [Fact]
    public void Saves_FailOnARank_IsDegradedAndNamesRankHostAndReason()
    {
        var status = WithTrainer(StatusSamples.Status(), host: 4, trainer => trainer with { SaveProblem = "its state could not be read: 81 bytes in 64." });

        var (verdict, reason) = Evaluate(status);

        Assert.Equal(("Degraded", "saves fail or are skipped: its state could not be read: 81 bytes in 64 (rank 1 on host-4)"), (verdict, reason));
        Assert.Contains(reason, Warnings(status));
    }

    [Fact]
    public void Behind_BecauseSavesFail_TheReasonHasBoth()
    {
        var status = WithTrainer(Behind(10_000), host: 0, trainer => trainer with { SaveProblem = "no slot became free within 0.5 s" });
        status = WithTrainer(status, host: 2, trainer => trainer with { SaveProblem = "no slot became free within 0.5 s" });

        Assert.Equal(
            "commits are 10000 iterations behind training, and at most 810 are expected; "
            + "saves fail or are skipped: no slot became free within 0.5 s (ranks 0 on host-0, 2 on host-2)",
            Evaluate(status).Reason);
    }

    [Theory]
    [InlineData(0, "Safe")]
    [InlineData(3000, "Degraded")]
    public void Copy_CannotBeSent_IsDegradedOnceItHoldsCommitsUp(long silence, string verdict)
    {
        var problem = new ReplicationProblem(new Rank(0), new HostName("host-4"), "Connection refused.", SinceUnixMilliseconds: 1);
        var status = WithHost(StatusSamples.Status(), host: 0, report => report with { ReplicationProblems = [problem] });
        status = status with { CommitSilenceMilliseconds = silence };

        Assert.Equal(verdict, Evaluate(status).Verdict);
        Assert.Contains("copies cannot be sent to host-4: Connection refused (rank 0 from host-0)", Warnings(status));
        Assert.Equal("host-4", StatusReports.Of(status, StatusSamples.Record()).Hosts.Single(host => host.Name == "host-0").LateCopies.Single().Holder);
    }

    [Fact]
    public void Ranks_DriftApart_IsDegradedAndSaysTheRule()
    {
        var status = StatusSamples.Status() with { RanksApart = 31, IterationMillisecondsMedian = 100 };

        Assert.Equal("Degraded", Evaluate(status).Verdict);
        Assert.StartsWith("ranks are 31 iterations apart: ranks must run in step", Evaluate(status).Reason, StringComparison.Ordinal);
        Assert.Equal("Safe", Evaluate(status with { RanksApart = 1 }).Verdict);
    }

    [Fact]
    public void Memory_FilesWereDeleted_IsDegraded()
    {
        var status = WithHost(StatusSamples.Status(), host: 3, report => report with { MemoryWarning = "2 segment files were deleted by somebody" });

        Assert.Equal(("Degraded", "host-3: 2 segment files were deleted by somebody"), Evaluate(status));
    }

    [Fact]
    public void Standby_CouldNotTakeOver_IsDegraded()
    {
        var standby = Statuses.Host("host-5", position: null) with { CannotTakeOver = "it has room for 405504 bytes of 1769472." };
        var status = StatusSamples.Status();
        status = status with { Hosts = [.. status.Hosts, standby] };

        Assert.Equal(("Degraded", "standby host-5 could not take over a position: it has room for 405504 bytes of 1769472"), Evaluate(status));
    }

    [Fact]
    public void Copies_AreMissingAndASiloIsAway_TheMissingCopiesComeFirst()
    {
        var status = StatusSamples.Status(reason: "host-4: its silo is away, its trainers train on");
        var (_, reason) = Safety.Evaluate(status, StatusSamples.Record(1));

        Assert.Equal("of snapshot 20@2, the shards of ranks 0, 1 have 1 of 2 copies; host-4: its silo is away, its trainers train on", reason);
    }

    [Fact]
    public void NothingCommitted_SavesFail_SaysBoth()
    {
        var status = WithTrainer(StatusSamples.Status() with { Committed = default }, host: 0, trainer => trainer with { SaveProblem = "too long" });
        var (verdict, reason) = Safety.Evaluate(status, StatusSamples.Record() with { Committed = null, Shards = [] });

        Assert.Equal((SafetyVerdict.Degraded, "nothing is committed yet; saves fail or are skipped: too long (rank 0 on host-0)"), (verdict, reason));
    }

    [Theory]
    [InlineData(20, "Safe", "the job is finished; in storage: iteration 20")]
    [InlineData(15, "Degraded", "the job is finished, and no live host is known to hold iteration 20; in storage: iteration 15")]
    [InlineData(0, "Degraded", "the job is finished, and no live host is known to hold iteration 20")]
    public void Completed_HostsHaveLostTheirMemory_StorageCounts(long persisted, string verdict, string reason)
    {
        var status = StatusSamples.Status(JobPhase.Completed, "the job is finished") with
        {
            Trained = new Iteration(20),
            Persisted = new Iteration(persisted),
        };

        var result = Safety.Evaluate(status, StatusSamples.Record() with { Committed = null, Shards = [] });

        Assert.Equal((verdict, reason), (result.Verdict.ToString(), result.Reason));
    }

    [Theory]
    [InlineData("the number is 291008..", "the number is 291008")]
    [InlineData("cannot use '/tmp/a'.; it is a file.", "cannot use '/tmp/a'; it is a file")]
    [InlineData("exit code 134: at Main(String[] args).)", "exit code 134: at Main(String[] args))")]
    [InlineData("append ,password=... to redis", "append ,password=... to redis")]
    [InlineData("and so on ...", "and so on ...")]
    [InlineData("version 1.2.3 of 10.5 s", "version 1.2.3 of 10.5 s")]
    [InlineData("two\nlines.", "two lines")]
    public void Text_SentencesPutTogether_HaveNoDoublePeriods(string text, string expected) => Assert.Equal(expected, StatusText.Tidy(text));

    private static (string Verdict, string Reason) Evaluate(JobStatus status, SafetyBounds? bounds = null)
    {
        var (verdict, reason) = Safety.Evaluate(status, StatusSamples.Record(), bounds);
        return (verdict.ToString(), reason);
    }

    private static ImmutableArray<string> Warnings(JobStatus status) => StatusReports.Of(status, StatusSamples.Record()).Warnings;

    private static JobStatus Behind(long iterations) => StatusSamples.Status() with { Trained = new Iteration(20 + iterations) };

    private static JobStatus WithTrainer(JobStatus status, int host, Func<TrainerReport, TrainerReport> change) =>
        WithHost(status, host, report => report with { Trainers = [change(report.Trainers[0])] });

    private static JobStatus WithHost(JobStatus status, int host, Func<HostReport, HostReport> change) => status with
    {
        Hosts = [.. status.Hosts.Select(entry => entry.Report.Host.Value == $"host-{host}" ? entry with { Report = change(entry.Report) } : entry)],
    };
}
