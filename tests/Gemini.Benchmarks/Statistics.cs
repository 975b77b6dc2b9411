namespace Gemini.Benchmarks;

/// <summary>The numbers by which repeated measurements are described.</summary>
internal static class Statistics
{
    /// <summary>The largest value less the smallest.</summary>
    public static double Range(IReadOnlyCollection<double> values) => values.Max() - values.Min();
}
