using TorchSharp;

namespace Gemini.Trainer.Data;

/// <summary>Builds a batch of samples with masked tokens.</summary>
/// <param name="count">How many samples.</param>
/// <param name="length">Tokens of each, special tokens included.</param>
internal sealed class MaskedSamples(int count, int length)
{
    private readonly long[] _inputs = new long[count * length];
    private readonly List<long> _masked = [];
    private readonly List<long> _targets = [];
    private int _tokens;

    /// <summary>Appends a sample: [CLS] first [SEP], or [CLS] first [SEP] second [SEP]. Its tokens fill the length exactly.</summary>
    /// <param name="random">Determines the mask.</param>
    /// <param name="first">The text, or the first of a pair.</param>
    /// <param name="second">The second of a pair; empty: none.</param>
    public void Add(SplitMix64 random, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default)
    {
        var start = _tokens;
        _inputs[_tokens++] = SpecialTokens.Classification;
        Append(first);
        if (!second.IsEmpty) Append(second);

        var (positions, targets) = Masking.Mask(_inputs.AsSpan(start, length), random);
        foreach (var position in positions) _masked.Add(start + position);
        _targets.AddRange(targets);
    }

    public Batch ToBatch() => new(torch.tensor(_inputs, [count, length]), torch.tensor(_targets.ToArray())) { Masked = torch.tensor(_masked.ToArray()) };

    private void Append(ReadOnlySpan<byte> text)
    {
        foreach (var token in text) _inputs[_tokens++] = token;
        _inputs[_tokens++] = SpecialTokens.Separator;
    }
}
