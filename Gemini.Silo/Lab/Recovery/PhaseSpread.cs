using System.Collections.Immutable;

namespace Gemini.Silo.Lab.Recovery;

/// <summary>One phase over several recoveries, milliseconds.</summary>
/// <param name="Name">The phase's name, or "total".</param>
/// <param name="Median">Half of the values are at most this; for an even number of values, the mean of the two middle ones.</param>
/// <param name="Min">The shortest.</param>
/// <param name="Max">The longest.</param>
internal sealed record PhaseSpread(string Name, double Median, long Min, long Max)
{
    /// <summary>All 0 if there are no values.</summary>
    public static PhaseSpread Of(string name, ImmutableArray<long> milliseconds)
    {
        if (milliseconds.IsEmpty) return new PhaseSpread(name, 0, 0, 0);
        return new PhaseSpread(name, Interfaces.Median.Of(milliseconds.Select(value => (double)value)), milliseconds.Min(), milliseconds.Max());
    }
}
