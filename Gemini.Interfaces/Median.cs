namespace Gemini.Interfaces;

/// <summary>The middle of several values.</summary>
public static class Median
{
    /// <summary>Half of the values are at most this. For an even number of values: the mean of the two middle ones.</summary>
    /// <exception cref="InvalidOperationException">There are no values.</exception>
    public static double Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0) throw new InvalidOperationException("There is nothing of which to take the median.");
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
