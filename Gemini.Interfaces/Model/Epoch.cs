namespace Gemini.Interfaces.Model;

/// <summary>
/// A life of the job between two recoveries. Grows by one at every recovery and stamps every message, so that a message
/// of an earlier life changes nothing. Zero: before the first start.
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.Epoch")]
public readonly record struct Epoch(long Value) : IComparable<Epoch>
{
    public static Epoch Zero => default;

    public Epoch Next() => new(Value + 1);

    public int CompareTo(Epoch other) => Value.CompareTo(other.Value);

    public static bool operator <(Epoch left, Epoch right) => left.Value < right.Value;

    public static bool operator >(Epoch left, Epoch right) => left.Value > right.Value;

    public static bool operator <=(Epoch left, Epoch right) => left.Value <= right.Value;

    public static bool operator >=(Epoch left, Epoch right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString();
}
