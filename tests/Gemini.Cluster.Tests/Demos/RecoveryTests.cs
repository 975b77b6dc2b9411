using Gemini.Cluster.Tests.Harness;
using System.Globalization;

namespace Gemini.Cluster.Tests.Demos;

/// <summary>The demo with its own kills: the job recovers from memory after each, and the final state is that of an uninterrupted run.</summary>
public sealed class RecoveryTests
{
    /// <summary>
    /// An iteration of a nano model is shorter than a commit. One slot holds the snapshot that is being committed, one save may wait for it, and at the
    /// very start both slots are free. So at most this many snapshots are uncommitted while every host is present.
    /// </summary>
    private const long NanoUncommittedMax = 3;

    /// <summary>
    /// Like <see cref="NanoUncommittedMax"/> in steady state, when one slot holds the newest committed snapshot. A skipped save adds one iteration to
    /// both bounds; <see cref="AssertMostSavesSucceeded"/> limits the number of skipped saves.
    /// </summary>
    private const long NanoLostMax = 2;

    /// <summary>
    /// Clearly longer than an iteration of a nano model on two idle cores (30 to 90 ms). A longer iteration shows how long processes wait for a core.
    /// Detection of a failure is slower by the same factor.
    /// </summary>
    private const double UnhurriedNanoMs = 100;

    [Fact]
    public async Task Demo_N4M2_TrainerDiesAndLaterAHost_RecoversFromOwnMemoryAndFromAPeer()
    {
        using var demo = DemoRun.Start("--model gpt2-nano --iterations 40 --kill trainer:host-1@12 --kill host:host-2@24");
        var report = await demo.SucceedAsync();

        AssertIdentical(report);
        Assert.Equal((4, 2, 40, "gpt2-nano", 1), (report.Hosts, report.Replicas, report.Iterations, report.Model, report.Seed));
        Assert.True(report.ShardBytes > 12 * report.Parameters / report.Hosts, $"A shard of {report.ShardBytes} bytes holds no quarter of the state.");
        Assert.InRange(report.IterationMsMedian, 0.1, 60_000);
        AssertMostSavesSucceeded(report);
        Assert.InRange(report.CommittedLagMax, 0, NanoUncommittedMax + report.SkippedSaves);

        Assert.Equal(["software host-1 local", "hardware host-2 peer"], report.Failures.Select(Describe));
        foreach (var failure in report.Failures) AssertSound(failure, report, demo.CommittedBeforeKillOf(failure.Host));
        Assert.InRange(report.Failures[0].AtIteration, 12, 24);
        Assert.InRange(report.Failures[1].AtIteration, 24, 40);
        // The failure is seen at once: waiting for a probe or a grace would take 5 s and more. `gemini drill detect` measures the exact time on a
        // quiet machine.
        var slowness = Math.Max(1, report.IterationMsMedian / UnhurriedNanoMs);
        Assert.InRange(report.Failures[0].DetectMs, 0, 300 * slowness);
        Assert.InRange(report.Failures[1].DetectMs, 0, 2000 * slowness);
    }

    [Fact(Explicit = true)]
    public async Task Demo_N4M2_EveryHostDiesInTurn_RecoversFromPeersWithAndWithoutTheRootAgent()
    {
        using var demo = DemoRun.Start(
            "--model gpt2-nano --standby 2 --iterations 100 --kill host:host-0@15 --kill host:host-1@35 --kill host:host-2@55 --kill host:host-3@75");
        var report = await demo.SucceedAsync();

        AssertIdentical(report);
        Assert.Equal(4, report.Failures.Length);
        Assert.All(report.Failures, failure => Assert.Equal(("hardware", "peer"), (failure.Kind, failure.Source)));
        foreach (var failure in report.Failures) AssertSound(failure, report, demo.CommittedBeforeKillOf(failure.Host));
        // The root agent came up again each time its host died. At least one of the killed hosts was the root agent's.
        var rootHosts = demo.RootHosts();
        Assert.True(rootHosts.Count >= 2, $"The root agent never moved from {string.Join(", ", rootHosts)}.");
        Assert.Contains(rootHosts[0], report.Failures.Select(failure => failure.Host));
    }

    /// <summary>
    /// Each demo takes half a minute, so one covers a placement, a model and a checkpoint mode. All other tests of this class have the default mode.
    /// </summary>
    [Theory(Explicit = true)]
    [Trait(Rarely.Trait, Rarely.Value)]
    [InlineData("--hosts 5 --replicas 2 --standby 0 --kill host:host-4@15 --model bert-nano --mode marked", "hardware host-4 peer")]
    [InlineData("--hosts 3 --replicas 3 --standby 1 --kill host:host-1@15 --model roberta-nano --mode blocking", "hardware host-1 peer")]
    [InlineData("--hosts 2 --replicas 2 --standby 1 --kill host:host-1@15 --model gpt2-nano --mode naive", "hardware host-1 peer")]
    [InlineData("--hosts 2 --replicas 2 --standby 0 --kill trainer:host-0@15 --model bert-nano", "software host-0 local")]
    [InlineData("--hosts 2 --replicas 2 --standby 0 --kill trainer:host-1@15 --model roberta-nano --mode unpipelined", "software host-1 local")]
    public async Task Demo_OtherPlacementsModelsAndModes_RecoversFromMemory(string options, string failure)
    {
        using var demo = DemoRun.Start($"--iterations 30 {options}");
        var report = await demo.SucceedAsync();

        AssertIdentical(report);
        Assert.Equal(failure, Describe(Assert.Single(report.Failures)));
        AssertSound(report.Failures[0], report, demo.CommittedBeforeKillOf(report.Failures[0].Host));
    }

    [Theory]
    [InlineData("host-0")]
    [InlineData("host-2")]
    public async Task Demo_SiloDies_ItsTrainerGoesOnAndIsAdopted(string host)
    {
        using var demo = DemoRun.Start($"--model gpt2-nano --hosts 3 --standby 0 --iterations 150 --kill silo:{host}@10");
        var (killed, _) = await demo.WaitForLineAsync($"KILL silo of {host}", Harness.Limits.Start);
        var before = demo.ProcessesOf(host);
        var after = await demo.WaitForProcessesAsync(
            host, processes => processes.Silo != before.Silo && processes.Trainer != 0, "a new silo with a trainer", killed);
        var report = await demo.SucceedAsync();

        AssertIdentical(report);
        Assert.Empty(report.Failures);
        Assert.Equal(before.Trainer, after.Trainer);
    }

    [Fact(Explicit = true)]
    [Trait(Rarely.Trait, Rarely.Value)]
    public async Task Demo_DefaultModel_CommitsAtMostOneIterationLateAndLosesAtMostOne()
    {
        using var demo = DemoRun.Start("--model gpt2-tiny --iterations 12 --kill trainer:host-3@8 --no-verify");
        var report = await demo.SucceedAsync();

        Assert.Null(report.Identical);
        AssertMostSavesSucceeded(report);
        Assert.InRange(report.CommittedLagMax, 0, 1 + report.SkippedSaves);
        var failure = Assert.Single(report.Failures);
        Assert.Equal("software host-3 local", Describe(failure));
        AssertSound(failure, report, demo.CommittedBeforeKillOf(failure.Host));
        Assert.InRange(failure.LostIterations, 0, 1 + report.SkippedSaves);
    }

    private static void AssertIdentical(DemoReport report)
    {
        Assert.True(report.Identical);
        Assert.NotNull(report.FinalStateHash);
        Assert.Equal(report.ReferenceStateHash, report.FinalStateHash);
    }

    /// <summary>Checks that hold for every recovery from memory.</summary>
    internal static void AssertSound(DemoFailure failure, DemoReport report, long committedBefore)
    {
        Assert.Equal(DemoFailure.Phases.Order(), failure.PhasesMs.Keys.Order());
        Assert.All(failure.PhasesMs.Values, milliseconds => Assert.InRange(milliseconds, 0, long.MaxValue));
        Assert.Equal(failure.PhasesMs.Values.Sum(), failure.TotalMs);
        Assert.InRange(failure.TotalMs, 1, long.MaxValue);
        Assert.InRange(failure.LostIterations, 0, NanoLostMax + report.SkippedSaves);
        Assert.InRange(failure.ResumedIteration, Math.Max(1, committedBefore), failure.AtIteration);
    }

    /// <summary>
    /// For runs in which every silo is present or its host is replaced at once. A save is skipped if no slot becomes free within 2 s, so a busy
    /// machine skips a few. If more than a quarter are skipped, the product does not protect the job.
    /// </summary>
    private static void AssertMostSavesSucceeded(DemoReport report) => Assert.InRange(report.SkippedSaves, 0, report.Iterations * report.Hosts / 4);

    private static string Describe(DemoFailure failure) => string.Create(CultureInfo.InvariantCulture, $"{failure.Kind} {failure.Host} {failure.Source}");
}
