namespace Gemini.Interfaces.Model;

/// <summary>
/// A period of the job between two recoveries. The epoch grows by one at every recovery and is in every message, so that a message of an earlier
/// epoch changes nothing. Zero: before the first start.
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.Epoch")]
public readonly record struct Epoch(long Value) : IComparable<Epoch>
{
    /// <summary>
    /// Ten recoveries a second for three thousand years. A greater number is never a real epoch: it comes from a flipped bit or from an attacker. If
    /// the job accepted it, no greater epoch could follow and the job could not continue.
    /// </summary>
    public static Epoch Maximum => new(1L << 40);

    public static Epoch Zero => default;

    /// <summary>
    /// Whether a job can reach this epoch. Every epoch that arrives from outside the process is checked with this, and refused if it is not possible.
    /// </summary>
    public bool IsPossible => Value >= 0 && Value <= Maximum.Value;

    public Epoch Next() => new(checked(Value + 1));

    public int CompareTo(Epoch other) => Value.CompareTo(other.Value);

    public static bool operator <(Epoch left, Epoch right) => left.Value < right.Value;

    public static bool operator >(Epoch left, Epoch right) => left.Value > right.Value;

    public static bool operator <=(Epoch left, Epoch right) => left.Value <= right.Value;

    public static bool operator >=(Epoch left, Epoch right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString();
}
