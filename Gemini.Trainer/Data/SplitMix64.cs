namespace Gemini.Trainer.Data;

/// <summary>
/// The random numbers of the samples. They follow from a key alone, so a sample is the same whenever and wherever it is made; torch's random numbers
/// stay as they are.
/// </summary>
/// <remarks>SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.</remarks>
internal sealed class SplitMix64
{
    private const ulong Increment = 0x9E3779B97F4A7C15;

    private ulong _state;

    /// <param name="keys">What the numbers follow from, such as seed and window. Keys in another order give other numbers.</param>
    public SplitMix64(params ReadOnlySpan<ulong> keys)
    {
        foreach (var key in keys) _state = Mix(_state + key);
    }

    /// <summary>A number from 0 to <paramref name="bound"/> − 1. The probabilities of two numbers differ by at most 2⁻⁶⁴.</summary>
    public long Below(long bound)
    {
        var next = Mix(_state);
        _state += Increment;
        return (long)Math.BigMul(next, (ulong)bound, out _);
    }

    /// <summary>One step of the generator: a bijection of 64-bit numbers that spreads each bit over all bits.</summary>
    public static ulong Mix(ulong value)
    {
        value += Increment;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
