namespace Gemini.Interfaces.Model;

/// <summary>
/// A finished iteration. Snapshot <c>i</c> is the state after iteration <c>i</c>; iterations count from 1, and zero is the
/// state before the first.
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.Iteration")]
public readonly record struct Iteration(long Value) : IComparable<Iteration>
{
    public static Iteration Zero => default;

    public Iteration Next() => new(Value + 1);

    public int CompareTo(Iteration other) => Value.CompareTo(other.Value);

    public static bool operator <(Iteration left, Iteration right) => left.Value < right.Value;

    public static bool operator >(Iteration left, Iteration right) => left.Value > right.Value;

    public static bool operator <=(Iteration left, Iteration right) => left.Value <= right.Value;

    public static bool operator >=(Iteration left, Iteration right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString();
}
