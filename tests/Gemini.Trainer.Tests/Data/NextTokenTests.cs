using Gemini.Trainer.Data;

namespace Gemini.Trainer.Tests.Data;

[Collection(TorchCollection.Name)]
public sealed class NextTokenTests
{
    [Fact]
    public void Make_Targets_AreTheNextBytes()
    {
        using var batch = new NextToken(Corpus(1001), 8).Make([new(Window: 3, Pass: 0), new(Window: 1, Pass: 5)]);
        Assert.Equal([2, 8], batch.Inputs.shape);
        Assert.Equal([.. Enumerable.Range(24, 8), .. Enumerable.Range(8, 8)], batch.Inputs.data<long>().Select(token => (int)token));
        Assert.Equal(batch.Inputs.data<long>().Select(token => (token + 1) % 256), batch.Targets.data<long>());
        Assert.Equal((null, null, null), (batch.Masked, batch.Segments, batch.NotNext));
    }

    [Fact]
    public void Windows_AreWholeAndHaveANextByte()
    {
        Assert.Equal(1, new NextToken(Corpus(9), 8).WindowCount);
        Assert.Equal(1, new NextToken(Corpus(16), 8).WindowCount);
        Assert.Equal(2, new NextToken(Corpus(17), 8).WindowCount);
    }

    [Fact]
    public void TextOrLengthTooShort_IsRefused()
    {
        Assert.StartsWith(
            "A text of 8 bytes is shorter than a sequence of 8 tokens.",
            Assert.Throws<ArgumentException>(() => new NextToken(Corpus(8), 8)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new NextToken(Corpus(8), -1));
    }

    private static ByteCorpus Corpus(int sizeBytes) => new([.. Enumerable.Range(0, sizeBytes).Select(i => (byte)i)]);
}
