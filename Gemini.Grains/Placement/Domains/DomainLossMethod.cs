namespace Gemini.Grains.Placement.Domains;

/// <summary>How a <see cref="DomainLossProbability"/> was computed.</summary>
public enum DomainLossMethod
{
    /// <summary>Exact: every survivable set of domains was counted, component by component.</summary>
    Exact,

    /// <summary>A lower bound: too many sets of domains to count.</summary>
    UnionBound,
}
