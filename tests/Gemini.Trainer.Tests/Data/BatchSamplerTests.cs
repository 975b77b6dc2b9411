using CsCheck;
using Gemini.Trainer.Data;

namespace Gemini.Trainer.Tests.Data;

[Collection(TorchCollection.Name)]
public sealed class BatchSamplerTests
{
    [Fact]
    public void WindowOf_OnePassOverTheText_IsAPermutation() =>
        Gen.Select(Gen.Int[1, 2000], Gen.Long, Gen.Int[0, 3]).Sample((windows, seed, pass) =>
        {
            var sampler = new BatchSampler(Corpus((windows * 4) + 1), seed, batch: 1, context: 4);
            var seen = Enumerable.Range(0, windows).Select(k => sampler.WindowOf(((long)pass * windows) + k)).ToHashSet();
            Assert.Equal(windows, seen.Count);
            Assert.Equal((0, windows - 1), (seen.Min(), seen.Max()));
        });

    [Fact]
    public void WindowOf_NextPass_HasAnotherOrder()
    {
        var sampler = new BatchSampler(Corpus(4001), seed: 1, batch: 1, context: 4);
        long[][] passes = [.. Enumerable.Range(0, 2000).Select(k => sampler.WindowOf(k)).Chunk(1000)];
        Assert.NotEqual(passes[0], passes[1]);
    }

    [Fact]
    public void Sample_FourRanksOfOne_AreOneRankOfFour()
    {
        var corpus = Corpus(1001);
        BatchSampler four = new(corpus, seed: 3, batch: 1, context: 8), one = new(corpus, seed: 3, batch: 4, context: 8);
        long[] apart = [.. Enumerable.Range(0, 4).SelectMany(rank => four.Sample(12, rank).Inputs.data<long>())];
        Assert.Equal(one.Sample(12, 0).Inputs.data<long>(), apart);
        Assert.Equal(four.Advance(worldSize: 4), one.Advance(worldSize: 1));
    }

    [Fact]
    public void Sample_Targets_AreTheNextBytes()
    {
        var (inputs, targets) = new BatchSampler(Corpus(1001), seed: 3, batch: 2, context: 8).Sample(0, 0);
        Assert.Equal([2, 8], inputs.shape);
        Assert.Equal(inputs.data<long>().Select(token => (token + 1) % 256), targets.data<long>());
    }

    [Fact]
    public void Sampler_OfTooShortAText_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new BatchSampler(Corpus(8), seed: 1, batch: 1, context: 8));

    [Fact]
    public void Sampler_SizesThatNoArrayHas_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchSampler(Corpus(8), seed: 1, batch: 1, context: -1));
        Assert.Throws<ArgumentException>(() => new BatchSampler(Corpus(8), seed: 1, batch: int.MaxValue / 2, context: 3));
    }

    private static ByteCorpus Corpus(int sizeBytes) => new([.. Enumerable.Range(0, sizeBytes).Select(i => (byte)i)]);
}
