using CsCheck;
using Gemini.Interfaces.Presets;
using Gemini.Trainer.Data;
using Gemini.Trainer.Tests.Models;
using TorchSharp;

namespace Gemini.Trainer.Tests.Data;

/// <summary>Which windows a rank sees, whatever is asked about them.</summary>
[Collection(TorchCollection.Name)]
public sealed class BatchSamplerTests
{
    [Fact]
    public void VisitOf_OnePassOverTheText_IsAPermutation() =>
        Gen.Select(Gen.Int[1, 2000], Gen.Long, Gen.Int[0, 3]).Sample((windows, seed, pass) =>
        {
            var sampler = new BatchSampler(new NextToken(Corpus((windows * 4) + 1), 4), seed, batch: 1);
            var visits = Enumerable.Range(0, windows).Select(k => sampler.VisitOf(((long)pass * windows) + k)).ToList();
            var seen = visits.Select(visit => visit.Window).ToHashSet();
            Assert.Equal(windows, seen.Count);
            Assert.Equal((0, windows - 1), (seen.Min(), seen.Max()));
            Assert.All(visits, visit => Assert.Equal(pass, visit.Pass));
        });

    [Fact]
    public void VisitOf_NextPass_HasAnotherOrder()
    {
        var sampler = new BatchSampler(new NextToken(Corpus(4001), 4), seed: 1, batch: 1);
        long[][] passes = [.. Enumerable.Range(0, 2000).Select(k => sampler.VisitOf(k).Window).Chunk(1000)];
        Assert.NotEqual(passes[0], passes[1]);
    }

    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public void Sample_FourRanksOfOne_AreOneRankOfFour(Architecture architecture)
    {
        BatchSampler four = Sampler(architecture, batch: 1), one = Sampler(architecture, batch: 4);
        Batch[] apart = [.. Enumerable.Range(0, 4).Select(rank => four.Sample(12, rank))];
        using var together = one.Sample(12, 0);
        Assert.Equal(together.Inputs.data<long>(), apart.SelectMany(batch => batch.Inputs.data<long>()));
        Assert.Equal(together.Targets.data<long>(), apart.SelectMany(batch => batch.Targets.data<long>()));
        if (together.Masked is { } masked)
            Assert.Equal(masked.data<long>(), apart.SelectMany((batch, row) => batch.Masked!.data<long>().Select(position => (row * 16) + position)));
        if (together.NotNext is { } notNext) Assert.Equal(notNext.data<long>(), apart.SelectMany(batch => batch.NotNext!.data<long>()));
        Assert.Equal(four.Advance(worldSize: 4), one.Advance(worldSize: 1));
        foreach (var batch in apart) batch.Dispose();
    }

    /// <summary>A recovered rank makes its samples again. It must get the same, whatever random numbers were drawn in between.</summary>
    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public void Sample_Again_IsTheSame_AndLeavesTorchsRandomNumbers(Architecture architecture)
    {
        using var before = torch.get_rng_state();
        using var first = Sampler(architecture, batch: 4).Sample(20, 1);
        using var after = torch.get_rng_state();
        Assert.Equal(before.bytes.ToArray(), after.bytes.ToArray());

        torch.manual_seed(99);
        var sampler = Sampler(architecture, batch: 4);
        sampler.Sample(0, 0).Dispose();
        using var again = sampler.Sample(20, 1);
        Assert.Equal(Texts(first), Texts(again));
        using var others = Sampler(architecture, batch: 4, seed: 4).Sample(20, 1);
        Assert.NotEqual(Texts(first), Texts(others));
    }

    [Fact]
    public void Sampler_SizesThatNoArrayHas_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchSampler(new NextToken(Corpus(8), 3), seed: 1, batch: 0));
        Assert.Throws<ArgumentException>(() => new BatchSampler(new NextToken(Corpus(8), 3), seed: 1, batch: int.MaxValue / 2));
    }

    private static BatchSampler Sampler(Architecture architecture, int batch, long seed = 3) =>
        new(Objectives.Of(architecture, Corpus(1001), seed, length: 16), seed, batch);

    private static List<string> Texts(Batch batch) =>
    [
        .. ((torch.Tensor?[])[batch.Inputs, batch.Targets, batch.Masked, batch.Segments, batch.NotNext])
            .Select(tensor => tensor is null ? "" : string.Join(' ', tensor.data<long>())),
    ];

    private static ByteCorpus Corpus(int sizeBytes) => new([.. Enumerable.Range(0, sizeBytes).Select(i => (byte)i)]);
}
