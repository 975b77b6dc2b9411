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
    bool? Met = null);
