using Gemini.Trainer.Data;

namespace Gemini.Trainer.Tests.Data;

/// <summary>RoBERTa's samples.</summary>
[Collection(TorchCollection.Name)]
public sealed class MaskedTokensTests
{
    [Fact]
    public void Make_ASample_IsAWindowBetweenSpecialTokens()
    {
        using var batch = new MaskedTokens(Corpus(1000), seed: 1, length: 42).Make([new(Window: 2, Pass: 0), new(Window: 0, Pass: 7)]);
        Assert.Equal([2, 42], batch.Inputs.shape);
        long[][] rows = [.. Unmasked(batch).Chunk(42)];
        Assert.Equal([SpecialTokens.Classification, .. Enumerable.Range(80, 40), SpecialTokens.Separator], rows[0]);
        Assert.Equal([SpecialTokens.Classification, .. Enumerable.Range(0, 40), SpecialTokens.Separator], rows[1]);
        Assert.Equal((12L, 12L), (batch.Targets.size(0), batch.Masked!.size(0)));
        Assert.Equal((null, null), (batch.Segments, batch.NotNext));
    }

    [Fact]
    public void Make_InAnotherPass_HasAnotherMask()
    {
        var objective = new MaskedTokens(Corpus(1000), seed: 1, length: 42);
        long[][] masks = [.. Enumerable.Range(0, 20).Select(pass => MaskOf(objective, window: 2, pass))];
        Assert.Equal(20, masks.Select(mask => string.Join(' ', mask)).Distinct().Count());
        Assert.Equal(masks[3], MaskOf(objective, window: 2, pass: 3));
    }

    [Fact]
    public void Make_OfAnotherWindowOrSeed_HasAnotherMask()
    {
        var mask = MaskOf(new MaskedTokens(Corpus(1000), seed: 1, length: 42), window: 2, pass: 0);
        Assert.NotEqual(mask, MaskOf(new MaskedTokens(Corpus(1000), seed: 1, length: 42), window: 3, pass: 0));
        Assert.NotEqual(mask, MaskOf(new MaskedTokens(Corpus(1000), seed: 2, length: 42), window: 2, pass: 0));
    }

    [Fact]
    public void TextOrLengthTooShort_IsRefused()
    {
        Assert.Equal(1, new MaskedTokens(Corpus(8), seed: 1, length: 10).WindowCount);
        Assert.StartsWith(
            "A text of 7 bytes is shorter than a sequence of 10 tokens.",
            Assert.Throws<ArgumentException>(() => new MaskedTokens(Corpus(7), seed: 1, length: 10)).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "A sequence of 2 tokens has no room for text beside [CLS] and [SEP].",
            Assert.Throws<ArgumentException>(() => new MaskedTokens(Corpus(100), seed: 1, length: 2)).Message, StringComparison.Ordinal);
    }

    /// <summary>The batch's tokens before they were masked.</summary>
    internal static long[] Unmasked(Batch batch)
    {
        var tokens = batch.Inputs.data<long>().ToArray();
        foreach (var (position, target) in batch.Masked!.data<long>().Zip(batch.Targets.data<long>())) tokens[position] = target;
        return tokens;
    }

    private static long[] MaskOf(MaskedTokens objective, long window, long pass)
    {
        using var batch = objective.Make([new(window, pass)]);
        return batch.Masked!.data<long>().ToArray();
    }

    private static ByteCorpus Corpus(int sizeBytes) => new([.. Enumerable.Range(0, sizeBytes).Select(i => (byte)i)]);
}
