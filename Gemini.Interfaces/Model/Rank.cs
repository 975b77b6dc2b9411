namespace Gemini.Interfaces.Model;

/// <summary>A training process of the job, 0 to N·R-1, and at the same time the shard that it owns.</summary>
[GenerateSerializer, Immutable, Alias("gemini.Rank")]
public readonly record struct Rank(int Value) : IComparable<Rank>
{
    public int CompareTo(Rank other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString();
}
