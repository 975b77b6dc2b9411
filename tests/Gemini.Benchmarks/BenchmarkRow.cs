using Gemini.Interfaces;

namespace Gemini.Benchmarks;

/// <summary>One measured figure.</summary>
/// <param name="Case">What was measured.</param>
/// <param name="Metric">Which figure of it.</param>
/// <param name="Unit">Of value, spread and limit.</param>
/// <param name="Value">The median of the repetitions.</param>
/// <param name="Spread">The largest repetition less the smallest.</param>
/// <param name="Limit">What it is compared with, measured in the same run; null: nothing.</param>
/// <param name="Ratio">Value to limit: the median of the repetitions' own ratios.</param>
/// <param name="Target">What the ratio, or without a limit the value, is compared with; null: nothing.</param>
/// <param name="Met">Whether the target is met; null without one.</param>
internal sealed record BenchmarkRow(
    string Case, string Metric, string Unit, double Value, double Spread, double? Limit = null, double? Ratio = null, double? Target = null,
    bool? Met = null)
{
    /// <summary>The figure of several repetitions, compared with nothing.</summary>
    /// <param name="name">The case.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="samples">The repetitions.</param>
    /// <param name="value">The figure of one of them.</param>
    public static BenchmarkRow Of<T>(string name, string metric, string unit, IEnumerable<T> samples, Func<T, double> value)
    {
        var values = samples.Select(value).ToArray();
        return new BenchmarkRow(name, metric, unit, Round(Median.Of(values)), Round(Statistics.Range(values)));
    }

    /// <summary>As many digits as a report has.</summary>
    public static double Round(double value) => Math.Round(value, 4);
}
