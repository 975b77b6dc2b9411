using System.Numerics;

namespace Gemini.Grains.Placement.Probability;

/// <summary>A probability as the fraction of two counts: nothing is rounded before it is shown.</summary>
/// <remarks>
/// In lowest terms, so equal values are equal records. <see cref="ToDouble"/> is correctly rounded (relative error ≤ 2^-53) for counts of any size.
/// To get the chance of loss, convert <see cref="Complement"/>, since 1 - p of a double near 1 keeps few digits. Checked by: ExactProbabilityTests.
/// </remarks>
public readonly record struct ExactProbability
{
    private ExactProbability(BigInteger favourable, BigInteger possible) => (Favourable, Possible) = (favourable, possible);

    public static ExactProbability Zero { get; } = new(0, 1);

    public static ExactProbability One { get; } = new(1, 1);

    /// <summary>0 ≤ Favourable ≤ Possible.</summary>
    public BigInteger Favourable { get; }

    /// <summary>At least 1; the default value of this type is no probability.</summary>
    public BigInteger Possible { get; }

    /// <summary>1 - p, exactly.</summary>
    public ExactProbability Complement => new(Possible - Favourable, Possible);

    /// <exception cref="ArgumentOutOfRangeException">Not 0 ≤ favourable ≤ possible, or possible is 0.</exception>
    public static ExactProbability Of(BigInteger favourable, BigInteger possible)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(possible, BigInteger.One);
        ArgumentOutOfRangeException.ThrowIfLessThan(favourable, BigInteger.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(favourable, possible);
        var divisor = BigInteger.GreatestCommonDivisor(favourable, possible);
        return new ExactProbability(favourable / divisor, possible / divisor);
    }

    /// <summary>The fraction, clamped to [0, 1], as max{0, ...} does with a lower bound.</summary>
    public static ExactProbability Clamped(BigInteger favourable, BigInteger possible) =>
        Of(BigInteger.Clamp(favourable, BigInteger.Zero, possible), possible);

    /// <summary>The nearest double.</summary>
    public double ToDouble()
    {
        if (Favourable.IsZero) return 0;
        // Scaled so that the quotient has 63 or 64 bits. Its last bit is set if there is a remainder. So the only rounding, ulong to double, sees on
        // which side of a tie the value lies.
        var shift = 63 + (int)(Possible.GetBitLength() - Favourable.GetBitLength());
        var quotient = (ulong)BigInteger.DivRem(Favourable << shift, Possible, out var remainder);
        return Math.ScaleB((double)(remainder.IsZero ? quotient : quotient | 1), -shift);
    }

    /// <summary>Such as "14/15".</summary>
    public override string ToString() => $"{Favourable}/{Possible}";
}
