using TorchSharp;

namespace Gemini.Trainer.Data;

/// <summary>Which samples a rank trains on: a pure function of the seed, the data position and the rank.</summary>
/// <remarks>
/// The text is cut into windows of <c>context</c> tokens. Sample k is window p(k). Each pass over the text uses a new permutation p of all windows,
/// so a pass sees each window once. A step at data position k takes samples k ... k + N·batch − 1. Rank r takes the r-th group of <c>batch</c>
/// samples of these. So no two ranks share a sample, and only N·batch decides which samples a step uses.
/// </remarks>
internal sealed class BatchSampler
{
    private readonly ByteCorpus _corpus;
    private readonly ulong _seed;
    private readonly int _batch;
    private readonly int _context;
    private readonly long _windowCount;

    /// <param name="corpus">The text; kept.</param>
    /// <param name="seed">Determines the order of the samples.</param>
    /// <param name="batch">Sequences per rank and step.</param>
    /// <param name="context">Tokens per sequence.</param>
    /// <exception cref="ArgumentException">The text is shorter than one sequence, or a batch has more tokens than an array can hold.</exception>
    public BatchSampler(ByteCorpus corpus, long seed, int batch, int context)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(context, 1);
        if ((long)batch * context > Array.MaxLength)
            throw new ArgumentException($"{batch} sequences of {context} tokens are more than a batch can hold, {Array.MaxLength} tokens.", nameof(batch));
        (_corpus, _seed, _batch, _context) = (corpus, (ulong)seed, batch, context);
        _windowCount = (corpus.SizeBytes - 1L) / context;
        if (_windowCount < 1)
            throw new ArgumentException($"A text of {corpus.SizeBytes} bytes is shorter than a sequence of {context} tokens.", nameof(corpus));
    }

    /// <summary>By how many samples one step of <paramref name="worldSize"/> ranks advances the data position.</summary>
    public long Advance(int worldSize) => (long)worldSize * _batch;

    /// <summary>The rank's inputs and targets at a data position.</summary>
    /// <param name="position">Samples used by all ranks before this step, from 0.</param>
    /// <param name="rank">This rank.</param>
    /// <returns>Two int64 tensors, batch × context; the caller disposes both.</returns>
    public (torch.Tensor Inputs, torch.Tensor Targets) Sample(long position, int rank)
    {
        long[] inputs = new long[_batch * _context], targets = new long[_batch * _context];
        for (var row = 0; row < _batch; row++)
        {
            var start = WindowOf(position + ((long)rank * _batch) + row) * _context;
            var window = _corpus.Text.Slice((int)start, _context + 1);
            for (var i = 0; i < _context; i++)
                (inputs[(row * _context) + i], targets[(row * _context) + i]) = (window[i], window[i + 1]);
        }
        return (torch.tensor(inputs, [_batch, _context]), torch.tensor(targets, [_batch, _context]));
    }

    internal long WindowOf(long sample) => Permute(sample % _windowCount, _seed + (ulong)(sample / _windowCount));

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
                (left, right) = (right, left ^ (Mix(right + (round << 32) + Mix(key)) & mask));
            value = (left << halfBits) | right;
        }
        while (value >= (ulong)_windowCount);
        return (long)value;
    }

    /// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
