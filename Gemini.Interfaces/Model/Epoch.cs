namespace Gemini.Interfaces.Model;

/// <summary>
/// A life of the job between two recoveries. Grows by one at every recovery and stamps every message, so that a message
/// of an earlier life changes nothing. Zero: before the first start.
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.Epoch")]
public readonly record struct Epoch(long Value) : IComparable<Epoch>
{
    /// <summary>
    /// Ten recoveries a second for three thousand years. A greater number was never an epoch: it comes from a flipped bit, or from somebody
    /// who lies, and the job could not go on after it.
    /// </summary>
    public static Epoch Maximum => new(1L << 40);

    public static Epoch Zero => default;

    /// <summary>Whether a job can have come to this epoch. What arrives from outside of the process is asked, and refused if not.</summary>
    public bool IsPossible => Value >= 0 && Value <= Maximum.Value;

    public Epoch Next() => new(checked(Value + 1));

    public int CompareTo(Epoch other) => Value.CompareTo(other.Value);

    public static bool operator <(Epoch left, Epoch right) => left.Value < right.Value;

    public static bool operator >(Epoch left, Epoch right) => left.Value > right.Value;

    public static bool operator <=(Epoch left, Epoch right) => left.Value <= right.Value;

    public static bool operator >=(Epoch left, Epoch right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString();
}
