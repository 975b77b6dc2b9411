namespace Gemini.Trainer.Data;

/// <summary>RoBERTa's objective: masked tokens. A sample is [CLS] window [SEP].</summary>
/// <remarks>
/// Liu et al., 2019: dynamic masking, that is, another mask each time that a window is seen (section 4.1), and text without pairs and without next
/// sentence prediction (section 4.2).
/// </remarks>
internal sealed class MaskedTokens : IObjective
{
    private const int SpecialTokenCount = 2;

    private readonly TextWindows _windows;
    private readonly ulong _seed;

    /// <param name="corpus">The text; kept.</param>
    /// <param name="seed">Determines the masks.</param>
    /// <param name="length">Tokens of a sample, special tokens included; at least 3.</param>
    /// <exception cref="ArgumentException">The text has too few bytes for this length, or the length is too short.</exception>
    public MaskedTokens(ByteCorpus corpus, long seed, int length)
    {
        if (length <= SpecialTokenCount)
            throw new ArgumentException($"A sequence of {length} tokens has no room for text beside [CLS] and [SEP].", nameof(length));
        (Length, _seed, _windows) = (length, (ulong)seed, new TextWindows(corpus, length - SpecialTokenCount));
        if (WindowCount < 1)
            throw new ArgumentException($"A text of {corpus.SizeBytes} bytes is shorter than a sequence of {length} tokens.", nameof(corpus));
    }

    public int Length { get; }

    public long WindowCount => _windows.Count;

    public Batch Make(IReadOnlyList<WindowVisit> visits)
    {
        var samples = new MaskedSamples(visits.Count, Length);
        foreach (var (window, pass) in visits) samples.Add(new SplitMix64(_seed, (ulong)window, (ulong)pass), _windows[window]);
        return samples.ToBatch();
    }
}
