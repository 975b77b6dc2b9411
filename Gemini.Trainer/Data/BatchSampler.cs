namespace Gemini.Trainer.Data;

/// <summary>Which samples a rank trains on: a pure function of the seed, the data position and the rank.</summary>
/// <remarks>
/// A pass over the text uses each of its windows once. Sample k is window p(k), where each pass has a new permutation p of all windows. A step at data
/// position k takes samples k ... k + N·batch − 1. Rank r takes the r-th group of <c>batch</c> samples of these. So no two ranks share a sample, and
/// only N·batch decides which samples a step uses.
/// </remarks>
internal sealed class BatchSampler
{
    private readonly IObjective _objective;
    private readonly ulong _seed;
    private readonly int _batch;
    private readonly long _windowCount;

    /// <param name="objective">Makes samples of windows; kept.</param>
    /// <param name="seed">Determines the order of the samples.</param>
    /// <param name="batch">Sequences per rank and step.</param>
    /// <exception cref="ArgumentException">A batch has more tokens than an array can hold.</exception>
    public BatchSampler(IObjective objective, long seed, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        if ((long)batch * objective.Length > Array.MaxLength)
            throw new ArgumentException(
                $"{batch} sequences of {objective.Length} tokens are more than a batch can hold, {Array.MaxLength} tokens.", nameof(batch));
        (_objective, _seed, _batch, _windowCount) = (objective, (ulong)seed, batch, objective.WindowCount);
    }

    /// <summary>By how many samples one step of <paramref name="worldSize"/> ranks advances the data position.</summary>
    public long Advance(int worldSize) => (long)worldSize * _batch;

    /// <summary>The rank's samples at a data position.</summary>
    /// <param name="position">Samples used by all ranks before this step, from 0.</param>
    /// <param name="rank">This rank.</param>
    /// <returns>The caller disposes it.</returns>
    public Batch Sample(long position, int rank)
    {
        var first = position + ((long)rank * _batch);
        return _objective.Make([.. Enumerable.Range(0, _batch).Select(row => VisitOf(first + row))]);
    }

    internal WindowVisit VisitOf(long sample)
    {
        var pass = sample / _windowCount;
        return new WindowVisit(Permute(sample % _windowCount, _seed + (ulong)pass), pass);
    }

    /// <summary>
    /// A permutation of 0 ... count−1: a four-round Feistel network over the next even power of two, applied again while the result is outside (Black
    /// and Rogaway, "Ciphers with arbitrary finite domains", 2002). The network is applied at most 4 times on average, and needs no table.
    /// </summary>
    private long Permute(long index, ulong key)
    {
        var halfBits = 1;
        while (1L << (2 * halfBits) < _windowCount) halfBits++;
        ulong mask = (1UL << halfBits) - 1, value = (ulong)index;
        do
        {
            ulong left = value >> halfBits, right = value & mask;
            for (ulong round = 0; round < 4; round++)
                (left, right) = (right, left ^ (SplitMix64.Mix(right + (round << 32) + SplitMix64.Mix(key)) & mask));
            value = (left << halfBits) | right;
        }
        while (value >= (ulong)_windowCount);
        return (long)value;
    }
}
