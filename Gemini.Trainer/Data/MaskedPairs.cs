using TorchSharp;

namespace Gemini.Trainer.Data;

/// <summary>BERT's objective: masked tokens and next sentence prediction. A sample is [CLS] first [SEP] second [SEP].</summary>
/// <remarks>
/// Devlin et al., 2019, section 3.1. The first text is the first half of a window. In half of the samples the second text is the window's other half,
/// which follows it; in the others it is the second half of another window. Masks and pairs are static: a window gives the same sample in each pass, as
/// if the samples had been made before the training.
/// </remarks>
internal sealed class MaskedPairs : IObjective
{
    private const int SpecialTokenCount = 3;

    private readonly TextWindows _windows;
    private readonly ulong _seed;
    private readonly int _firstBytes;

    /// <param name="corpus">The text; kept.</param>
    /// <param name="seed">Determines masks and pairs.</param>
    /// <param name="length">Tokens of a sample, special tokens included; at least 5.</param>
    /// <exception cref="ArgumentException">The text has too few bytes for this length, or the length is too short.</exception>
    public MaskedPairs(ByteCorpus corpus, long seed, int length)
    {
        var windowBytes = length - SpecialTokenCount;
        if (windowBytes < 2)
            throw new ArgumentException($"A sequence of {length} tokens has no room for two texts beside [CLS] and two times [SEP].", nameof(length));
        (Length, _seed, _firstBytes, _windows) = (length, (ulong)seed, (windowBytes + 1) / 2, new TextWindows(corpus, windowBytes));
        if (WindowCount < 2)
            throw new ArgumentException($"A text of {corpus.SizeBytes} bytes is shorter than two sequences of {length} tokens.", nameof(corpus));
    }

    public int Length { get; }

    public long WindowCount => _windows.Count;

    public Batch Make(IReadOnlyList<WindowVisit> visits)
    {
        var samples = new MaskedSamples(visits.Count, Length);
        long[] segments = new long[visits.Count * Length], notNext = new long[visits.Count];
        for (var row = 0; row < visits.Count; row++)
        {
            var window = visits[row].Window;
            var random = new SplitMix64(_seed, (ulong)window);
            notNext[row] = random.Below(2);
            var follower = notNext[row] == 0 ? window : Other(window, random);
            samples.Add(random, _windows[window][.._firstBytes], _windows[follower][_firstBytes..]);
            segments.AsSpan(row * Length, Length)[(_firstBytes + 2)..].Fill(1);
        }

        return samples.ToBatch() with { Segments = torch.tensor(segments, [visits.Count, Length]), NotNext = torch.tensor(notNext) };
    }

    /// <summary>Any window but this one.</summary>
    private long Other(long window, SplitMix64 random)
    {
        var other = random.Below(WindowCount - 1);
        return other < window ? other : other + 1;
    }
}
