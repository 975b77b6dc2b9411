using System.Collections.Immutable;

namespace Gemini.Silo.Lab.Detection;

/// <summary>How soon one kind of fault was detected.</summary>
/// <param name="Fault">Its name.</param>
/// <param name="LimitMs">The limit of the median.</param>
/// <param name="VerdictsMs">From the fault to the verdict, each time; empty when it was skipped.</param>
/// <param name="Skipped">Why it was skipped; null if it was not.</param>
internal sealed record FaultResult(string Fault, long LimitMs, ImmutableArray<long> VerdictsMs, string? Skipped)
{
    public long MedianMs => VerdictsMs.IsEmpty ? 0 : VerdictsMs.Order().ElementAt((VerdictsMs.Length - 1) / 2);

    public long WorstMs => VerdictsMs.IsEmpty ? 0 : VerdictsMs.Max();

    /// <summary>Whether the median keeps the limit. On shared cores the worst case tells more about the cores, so it is only shown.</summary>
    public bool IsWithin => MedianMs <= LimitMs;
}
