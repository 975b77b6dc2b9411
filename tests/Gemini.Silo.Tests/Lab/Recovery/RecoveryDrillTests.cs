using System.Text.Json;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Gemini.Silo.Commands;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Demo;
using Gemini.Silo.Lab.Recovery;
using Gemini.Silo.Status;
using Gemini.Silo.Tests.Lab.Demo;

namespace Gemini.Silo.Tests.Lab.Recovery;

/// <summary>The pure parts of gemini drill recovery: when the next failure may come, and the statistics of many failures.</summary>
public sealed class RecoveryDrillTests
{
    [Theory]
    [InlineData(new long[] { 5 }, 5, 5, 5)]
    [InlineData(new long[] { 9, 1, 5 }, 5, 1, 9)]
    [InlineData(new long[] { 4, 1, 9, 3 }, 3.5, 1, 9)]
    [InlineData(new long[0], 0, 0, 0)]
    public void PhaseSpread_OfAnyNumberOfValues(long[] values, double median, long min, long max) =>
        Assert.Equal(new PhaseSpread("load", median, min, max), PhaseSpread.Of("load", [.. values]));

    [Fact]
    public void Summary_EveryPhaseByItself_InTheOrderOfTheRecovery()
    {
        var summary = RecoveryDrillSummary.Of([Failure(lost: 1, detect: 10, resume: 300), Failure(lost: 4, detect: 30, resume: 100)]);
        Assert.Equal(["detect", "decide", "replace", "fetch", "load", "resume"], summary.Phases.Select(phase => phase.Name));
        Assert.Equal(new PhaseSpread("detect", 20, 10, 30), summary.Phases[0]);
        Assert.Equal(new PhaseSpread("total", 220, 130, 310), summary.Total);
        Assert.Equal((2, 4), (summary.Count, summary.LostIterationsMax));
    }

    [Fact]
    public void Kill_FirstTrainersThenHosts_EachAtTheNextPosition()
    {
        var status = Whole();
        var kills = Enumerable.Range(0, 6).Select(index => RecoveryDrillSchedule.Kill(index, repeat: 3, status).ToString());
        Assert.Equal(
            ["trainer:host-0@21", "trainer:host-1@21", "trainer:host-2@21", "host:host-3@21", "host:host-0@21", "host:host-1@21"], kills);
    }

    [Fact]
    public void Missing_PoolIsWhole_Nothing() => Assert.Null(WholePool.Missing(Whole(), standbys: 1, spares: 1));

    [Fact]
    public void Missing_NamesWhatIsWaitedFor()
    {
        Assert.Contains("preparing", WholePool.Missing(Whole() with { Phase = JobPhase.Preparing }, 1, 1));
        Assert.Contains("1 of 2 standbys", WholePool.Missing(Whole(), standbys: 2, spares: 1));
        Assert.Contains("spares of host-0, host-1", WholePool.Missing(Whole(), standbys: 1, spares: 2));
        var early = Whole() with { Recoveries = [Statuses.Recovery(2, "host-1", detectedAt: 1, from: 18)] };
        Assert.Contains("iteration 21 is not committed", WholePool.Missing(early, 1, 1));
        var cold = Whole() with { Hosts = [.. Whole().Hosts.Select(host => With(host, isWarm: false, warmSpares: 1))] };
        Assert.Contains("0 of 1 standbys", WholePool.Missing(cold, 1, 1));
    }

    [Fact]
    public void Report_AsTableAndJson_SaysTheSame()
    {
        var failures = new[] { Failure(lost: 0, detect: 120, resume: 600) };
        var report = new RecoveryDrillReport
        {
            Hosts = 4,
            Replicas = 2,
            Standbys = 1,
            Spares = 1,
            Model = "gpt2-tiny",
            Processors = 2,
            IterationMs = 250,
            Software = RecoveryDrillSummary.Of(failures),
            Hardware = RecoveryDrillSummary.Of([]),
            Failures = [.. failures],
            Iteration = 30,
            FinalStateHash = "ab",
            ReferenceStateHash = "cd",
        };
        var lines = RecoveryDrillTable.Lines(report).ToList();
        Assert.Contains(lines, line => line.Contains("median", StringComparison.Ordinal) && line.TrimEnd().EndsWith("720", StringComparison.Ordinal));
        Assert.Equal("identical: false", lines[^1]);
        using var json = JsonDocument.Parse(ReportFile.Format(report));
        Assert.Equal(720, json.RootElement.GetProperty("software").GetProperty("total").GetProperty("median").GetDouble());
        Assert.False(json.RootElement.GetProperty("identical").GetBoolean());
    }

    [Theory]
    [InlineData("--repeat 0", "--repeat is 0")]
    [InlineData("--repeat 41", "--repeat is 41")]
    [InlineData("--hosts 1", "--hosts is 1")]
    [InlineData("--spares 5", "--spares is 5")]
    public async Task BadNumber_IsNamed(string arguments, string expected)
    {
        var error = new StringWriter();
        var exitCode = await GeminiCommandLine.RunAsync(
            ["drill", "recovery", .. arguments.Split(' ')], TextWriter.Null, error, TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.BadInput, exitCode);
        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
    }

    private static ReportedFailure Failure(long lost, long detect, long resume) => new(
        "software", "host-1", 12, lost, 11, "local", new RecoveryPhases(detect, 0, 0, 0, 0, resume), detect + resume);

    private static JobStatus Whole()
    {
        var status = Statuses.Create(trained: 20);
        return status with { Committed = new Iteration(20), Hosts = [.. status.Hosts.Select(host => With(host, isWarm: true, warmSpares: 1))] };
    }

    private static HostStatus With(HostStatus host, bool isWarm, int warmSpares) => host with
    {
        Report = host.Report with { Trainers = [new TrainerReport { LocalIndex = 0, State = TrainerState.Training, IsWarm = isWarm, WarmSpares = warmSpares }] },
    };
}
