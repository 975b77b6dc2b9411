using System.Collections.Immutable;

namespace Gemini.Silo.Lab.Detection;

/// <summary>How soon one kind of fault was seen.</summary>
/// <param name="Fault">Its name.</param>
/// <param name="LimitMs">What the median must not exceed.</param>
/// <param name="VerdictsMs">From the fault to the verdict, each time; empty when it was skipped.</param>
/// <param name="Skipped">Why it was skipped; null when it was not.</param>
internal sealed record FaultResult(string Fault, long LimitMs, ImmutableArray<long> VerdictsMs, string? Skipped)
{
    public long MedianMs => VerdictsMs.IsEmpty ? 0 : VerdictsMs.Order().ElementAt((VerdictsMs.Length - 1) / 2);

    public long WorstMs => VerdictsMs.IsEmpty ? 0 : VerdictsMs.Max();

    /// <summary>Whether the median keeps the limit. A worst case on shared cores says more about them; it is shown beside it.</summary>
    public bool IsWithin => MedianMs <= LimitMs;
}
