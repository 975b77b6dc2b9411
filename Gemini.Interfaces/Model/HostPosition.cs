namespace Gemini.Interfaces.Model;

/// <summary>
/// A host's place in the job, 0 to N-1. Placement and rank ids belong to positions, so a replacement that takes over a
/// lost host's position takes over its ranks and its group as well (paper §6.2).
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.HostPosition")]
public readonly record struct HostPosition(int Value) : IComparable<HostPosition>
{
    public int CompareTo(HostPosition other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString();
}
