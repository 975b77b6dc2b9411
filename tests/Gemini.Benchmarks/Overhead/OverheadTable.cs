using System.Collections.Immutable;
using System.Globalization;
using Gemini.Interfaces.Model;

namespace Gemini.Benchmarks.Overhead;

/// <summary>The figures of one setting, for people.</summary>
internal static class OverheadTable
{
    public static IEnumerable<string> Lines(OverheadSetting setting, IReadOnlyDictionary<CheckpointMode, ImmutableArray<OverheadSample>> samples)
    {
        yield return "";
        yield return $"{setting.Name,-28} {"iteration",10} {"to none",8} {"worst",7} {"commits",8} {"lag",8} {"idle",8} {"silo CPU",9} {"trainer CPU",12}";
        var baseline = samples[CheckpointMode.None];
        foreach (var (mode, runs) in samples)
        {
            var ratios = OverheadRows.Ratios(runs, baseline);
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{mode.ToString().ToLowerInvariant(),-28} {Median(run => run.IterationMedian),7:0} ms {Interfaces.Median.Of(ratios),8:0.000} {ratios.Max(),7:0.000} "
                + $"{Median(run => run.CommitsPerIteration),8:0.00} {Median(run => run.CommitLag),5:0} ms {Median(run => Interfaces.Median.Of(run.Idle)),5:0} ms "
                + $"{Median(run => run.SiloCpuSeconds) * 1000,6:0} ms {Median(run => run.TrainerCpuSeconds) * 1000,9:0} ms");

            double Median(Func<OverheadSample, double> value) => Interfaces.Median.Of(runs.Select(value));
        }

        yield return "";
    }
}
