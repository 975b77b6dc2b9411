using System.Collections.Immutable;
using Gemini.Benchmarks.Networks;
using Gemini.Grains.Scheduling;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Benchmarks.Overhead;

/// <summary>The figures of one setting.</summary>
internal static class OverheadRows
{
    /// <summary>One of the iterations may be a baseline, without a commit, and one more may find no slot.</summary>
    private const double SettledCommitsMin = 0.9;

    /// <summary>The rows of every mode.</summary>
    /// <param name="setting">What all modes have in common.</param>
    /// <param name="samples">The repetitions of every mode, in their order. <see cref="CheckpointMode.None"/> is among the modes.</param>
    public static IEnumerable<BenchmarkRow> Of(OverheadSetting setting, IReadOnlyDictionary<CheckpointMode, ImmutableArray<OverheadSample>> samples)
    {
        var baseline = samples[CheckpointMode.None];
        foreach (var (mode, runs) in samples)
        {
            var name = setting.NameOf(mode);
            yield return Iteration(name, runs, baseline, mode == CheckpointMode.None ? null : TargetOf(setting, mode));
            if (mode != CheckpointMode.None)
            {
                yield return BenchmarkRow.Of(name, "commitsPerIteration", "", runs, run => run.CommitsPerIteration);
                if (setting.Load.Moves)
                {
                    // No iteration may stall while the idle spans move.
                    yield return Compared(name, "longestIteration", runs, baseline, run => run.Iterations.Max());
                    yield return Settled(name, runs, mode == CheckpointMode.Gemini);
                }

                yield return BenchmarkRow.Of(name, "commitLag", "ms", runs, run => run.CommitLag);
                yield return BenchmarkRow.Of(name, "sentBytes", "byte", runs, run => run.SentBytes);
                if (runs.All(run => !run.PathInflations.IsEmpty)) yield return Path(setting, name, runs);
            }

            yield return BenchmarkRow.Of(name, "idle", "ms", runs, run => Median.Of(run.Idle));
            yield return BenchmarkRow.Of(name, "siloCpuSeconds", "s", runs, run => run.SiloCpuSeconds);
            yield return BenchmarkRow.Of(name, "trainerCpuSeconds", "s", runs, run => run.TrainerCpuSeconds);
        }
    }

    /// <summary>The ratio of each run to the run without checkpoints of the same repetition.</summary>
    public static ImmutableArray<double> Ratios(ImmutableArray<OverheadSample> runs, ImmutableArray<OverheadSample> baseline) =>
        Ratios(runs, baseline, run => run.IterationMedian);

    private static ImmutableArray<double> Ratios(
        ImmutableArray<OverheadSample> runs, ImmutableArray<OverheadSample> baseline, Func<OverheadSample, double> value) =>
        [.. runs.Zip(baseline, (run, none) => value(run) / value(none))];

    /// <summary>What an iteration may take, as a ratio to one without checkpoints; null: nothing is promised.</summary>
    private static double? TargetOf(OverheadSetting setting, CheckpointMode mode) => (setting.Load.Name, setting.Topology, mode) switch
    {
        ("cpu", _, CheckpointMode.Gemini) => 1.10,
        ("emulated-starved", _, CheckpointMode.Gemini) => 1.03,
        (not "cpu", Topology.Fifo, CheckpointMode.Gemini) => 1.01,
        (not ("cpu" or "emulated-starved"), Topology.Bands or Topology.Switch, CheckpointMode.Marked) => 1.02,
        _ => null,
    };

    private static BenchmarkRow Iteration(string name, ImmutableArray<OverheadSample> runs, ImmutableArray<OverheadSample> baseline, double? target)
    {
        var row = Compared(name, "iteration", runs, baseline, run => run.IterationMedian);
        return row with { Target = target, Met = target is { } most ? row.Ratio <= most : null };
    }

    /// <summary>Soon after the idle spans have moved, every iteration must be committed again.</summary>
    private static BenchmarkRow Settled(string name, ImmutableArray<OverheadSample> runs, bool isPromised)
    {
        var row = BenchmarkRow.Of(name, "settledCommitsPerIteration", "", runs, run => run.SettledCommitsPerIteration);
        return isPromised ? row with { Target = SettledCommitsMin, Met = row.Value >= SettledCommitsMin } : row;
    }

    /// <summary>Each host must find out whether the network has a class for background traffic.</summary>
    private static BenchmarkRow Path(OverheadSetting setting, string name, ImmutableArray<OverheadSample> runs)
    {
        var row = BenchmarkRow.Of(name, "pathInflation", "", runs, run => Median.Of(run.PathInflations));
        if (setting.Topology == Topology.Open) return row;
        var isClassed = setting.Topology is Topology.Bands or Topology.Switch;
        var isRight = runs.All(run => run.PathInflations.All(inflation => inflation <= PathMeasurement.InflationMax == isClassed));
        return row with { Target = PathMeasurement.InflationMax, Met = isRight };
    }

    /// <summary>A time of an iteration, with that of the runs without checkpoints as its limit.</summary>
    private static BenchmarkRow Compared(
        string name, string metric, ImmutableArray<OverheadSample> runs, ImmutableArray<OverheadSample> baseline, Func<OverheadSample, double> value) =>
        BenchmarkRow.Of(name, metric, "ms", runs, value) with
        {
            Limit = BenchmarkRow.Round(Median.Of(baseline.Select(value))),
            Ratio = BenchmarkRow.Round(Median.Of(Ratios(runs, baseline, value))),
        };
}
