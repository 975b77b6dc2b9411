using Gemini.Trainer.Data;

namespace Gemini.Trainer.Tests.Data;

/// <summary>BERT's samples.</summary>
[Collection(TorchCollection.Name)]
public sealed class MaskedPairsTests
{
    private const int Length = 16;
    private const int Windows = 1000;

    /// <summary>13 bytes a window: 7 of the first text, 6 of the second.</summary>
    private static readonly ByteCorpus Corpus = new([.. Enumerable.Range(0, 13 * Windows).Select(i => (byte)(i / 13 * 31 % 251))]);

    private static readonly MaskedPairs Objective = new(Corpus, seed: 1, Length);

    [Fact]
    public void Make_ASample_IsTwoTextsWithTheirSegments()
    {
        using var batch = Objective.Make([new(Window: 5, Pass: 0), new(Window: 900, Pass: 0)]);
        Assert.Equal([2, Length], batch.Inputs.shape);
        Assert.Equal([2, Length], batch.Segments!.shape);
        Assert.All(
            MaskedTokensTests.Unmasked(batch).Chunk(Length),
            row => Assert.Equal([0, 8, 15], Enumerable.Range(0, Length).Where(position => row[position] >= 256)));
        Assert.All(
            MaskedTokensTests.Unmasked(batch).Chunk(Length),
            row => Assert.Equal([SpecialTokens.Classification, SpecialTokens.Separator, SpecialTokens.Separator], row.Where(token => token >= 256)));
        Assert.All(
            batch.Segments.data<long>().ToArray().Chunk(Length),
            row => Assert.Equal([.. Enumerable.Repeat(0L, 9), .. Enumerable.Repeat(1L, 7)], row));
    }

    /// <summary>All bytes of a window are the same, and neighbouring windows differ.</summary>
    [Fact]
    public void Make_ManySamples_HalfOfTheSecondTextsFollow_TheOthersAreOfOtherWindows()
    {
        var (next, others) = (0, new HashSet<long>());
        for (var window = 0; window < Windows; window++)
        {
            using var batch = Objective.Make([new(window, Pass: 0)]);
            var tokens = MaskedTokensTests.Unmasked(batch);
            var (own, second) = ((long)(window * 31 % 251), tokens[9]);
            Assert.Equal(Enumerable.Repeat(own, 7), tokens[1..8]);
            Assert.Equal(Enumerable.Repeat(second, 6), tokens[9..15]);
            if (batch.NotNext!.item<long>() == 0)
            {
                next++;
                Assert.Equal(own, second);
            }
            else
            {
                others.Add(second);
            }
        }

        // Four standard deviations.
        Assert.InRange(next, 500 - 63, 500 + 63);
        Assert.True(others.Count > 200, $"The other texts have only {others.Count} of 251 different bytes.");
    }

    [Fact]
    public void Make_OfTwoWindows_TheOtherTextIsNeverTheOwn()
    {
        var corpus = new ByteCorpus([.. Enumerable.Repeat((byte)1, 13), .. Enumerable.Repeat((byte)2, 13)]);
        for (var seed = 0; seed < 50; seed++)
        {
            using var batch = new MaskedPairs(corpus, seed, Length).Make([new(Window: 0, Pass: 0)]);
            Assert.Equal(batch.NotNext!.item<long>() == 0 ? 1 : 2, MaskedTokensTests.Unmasked(batch)[9]);
        }
    }

    [Fact]
    public void Make_InAnotherPass_IsTheSameSample()
    {
        for (var window = 0; window < 20; window++)
        {
            using Batch first = Objective.Make([new(window, Pass: 0)]), later = Objective.Make([new(window, Pass: 9)]);
            Assert.Equal(first.Inputs.data<long>(), later.Inputs.data<long>());
            Assert.Equal(first.Masked!.data<long>(), later.Masked!.data<long>());
            Assert.Equal(first.NotNext!.item<long>(), later.NotNext!.item<long>());
        }
    }

    [Fact]
    public void TextOrLengthTooShort_IsRefused()
    {
        Assert.Equal(2, new MaskedPairs(new ByteCorpus(new byte[26]), seed: 1, Length).WindowCount);
        Assert.StartsWith(
            "A text of 25 bytes is shorter than two sequences of 16 tokens.",
            Assert.Throws<ArgumentException>(() => new MaskedPairs(new ByteCorpus(new byte[25]), seed: 1, Length)).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "A sequence of 4 tokens has no room for two texts beside [CLS] and two times [SEP].",
            Assert.Throws<ArgumentException>(() => new MaskedPairs(Corpus, seed: 1, length: 4)).Message, StringComparison.Ordinal);
    }
}
