using System.Collections.Immutable;
using Gemini.Benchmarks.Networks;
using Gemini.Benchmarks.Overhead;
using Gemini.Interfaces.Model;

namespace Gemini.Benchmarks.Tests.Overhead;

public sealed class OverheadRowsTests
{
    private static readonly OverheadSetting Fifo = new(OverheadLoad.All[0], Topology.Fifo, "cubic");

    [Fact]
    public void Iteration_IsComparedWithTheRunWithoutCheckpointsOfTheSameRepetition()
    {
        // The machine became slower; each pair has a ratio of its own.
        var row = Iteration(Fifo, CheckpointMode.Gemini, none: [100, 200, 300], runs: [100, 202, 309]);
        Assert.Equal(new BenchmarkRow("emulated/fifo/cubic/gemini", "iteration", "ms", 202, 209, Limit: 200, Ratio: 1.01, Target: 1.01, Met: true), row);
    }

    [Theory]
    [InlineData("fifo", "gemini", 101, true)]
    [InlineData("fifo", "gemini", 102, false)]
    [InlineData("fifo", "marked", 150, null)]
    [InlineData("bands", "marked", 102, true)]
    [InlineData("switch", "marked", 103, false)]
    [InlineData("fifo", "blocking", 150, null)]
    public void Target_DependsOnWhatTheModeNeeds(string topology, string mode, double milliseconds, bool? met)
    {
        var setting = Fifo with { Topology = Enum.Parse<Topology>(topology, ignoreCase: true) };
        Assert.Equal(met, Iteration(setting, Enum.Parse<CheckpointMode>(mode, ignoreCase: true), none: [100], runs: [milliseconds]).Met);
    }

    [Fact]
    public void Baseline_HasNoCommitsAndNoTarget()
    {
        var rows = OverheadRows.Of(Fifo, Samples(CheckpointMode.None, [100], [100])).ToList();
        Assert.Equal(["iteration", "idle", "siloCpuSeconds", "trainerCpuSeconds"], rows.Select(row => row.Metric));
        Assert.All(rows, row => Assert.Null(row.Met));
    }

    [Theory]
    [InlineData("fifo", true, 2.1, 1.8)]
    [InlineData("fifo", false, 2.1, 1.01)]
    [InlineData("switch", true, 1.0, 1.01)]
    [InlineData("bands", false, 1.0, 1.03)]
    public void PathInflation_EveryHostHasToBeRight(string topology, bool met, params double[] inflations)
    {
        var setting = Fifo with { Topology = Enum.Parse<Topology>(topology, ignoreCase: true) };
        var samples = Samples(CheckpointMode.Gemini, [100], [100]);
        samples[CheckpointMode.Gemini] = [Sample(100, [.. inflations])];
        Assert.Equal(met, OverheadRows.Of(setting, samples).Single(row => row.Metric == "pathInflation").Met);
    }

    [Theory]
    [InlineData(0.95, true)]
    [InlineData(0.5, false)]
    public void MovingSpans_SoonEveryIterationIsCommittedAgain_AndTheLongestIterationIsShown(double settledCommits, bool met)
    {
        var setting = Fifo with { Load = OverheadLoad.All.Single(load => load.Moves) };
        var samples = Samples(CheckpointMode.Gemini, [100], [100]);
        samples[CheckpointMode.Gemini] = [Sample(100) with { Iterations = [90, 100, 150], SettledCommitsPerIteration = settledCommits }];
        var rows = OverheadRows.Of(setting, samples).Where(row => row.Case == setting.NameOf(CheckpointMode.Gemini)).ToDictionary(row => row.Metric);
        Assert.Equal(met, rows["settledCommitsPerIteration"].Met);
        Assert.Equal((150, 100, 1.5), (rows["longestIteration"].Value, rows["longestIteration"].Limit, rows["longestIteration"].Ratio));
    }

    private static BenchmarkRow Iteration(OverheadSetting setting, CheckpointMode mode, double[] none, double[] runs) =>
        OverheadRows.Of(setting, Samples(mode, none, runs)).Single(row => row.Case == setting.NameOf(mode) && row.Metric == "iteration");

    private static Dictionary<CheckpointMode, ImmutableArray<OverheadSample>> Samples(CheckpointMode mode, double[] none, double[] runs) =>
        new() { [CheckpointMode.None] = [.. none.Select(Sample)], [mode] = [.. runs.Select(Sample)] };

    private static OverheadSample Sample(double milliseconds) => Sample(milliseconds, []);

    private static OverheadSample Sample(double milliseconds, ImmutableArray<double> inflations) =>
        new(
            [milliseconds], [milliseconds / 10], CommitsPerIteration: 1, SettledCommitsPerIteration: 1, CommitLag: 5, SiloCpuSeconds: 0.1,
            TrainerCpuSeconds: 0.2, SentBytes: 1000, inflations);
}
