using Gemini.Interfaces.Presets;
using Gemini.Trainer.Client.Collectives;
using Gemini.Trainer.Client.Native;
using Gemini.Trainer.Data;
using Gemini.Trainer.Models;
using Gemini.Trainer.Sharding;
using Gemini.Trainer.Tests.Client.Collectives;
using Gemini.Trainer.Tests.Models;
using TorchSharp;

namespace Gemini.Trainer.Tests.Sharding;

[Collection(TorchCollection.Name)]
public sealed class TrainingStepTests
{
    private static readonly ByteCorpus Corpus = ByteCorpus.Open(limitBytes: 1 << 20);

    private static readonly TrainingOptions Gpt2Nano = Nano(Architecture.Gpt2);

    /// <summary>The first loss is that of guessing. BERT also guesses whether the second text follows.</summary>
    [Theory]
    [InlineData(Architecture.Gpt2, 5.545, 3.6)]
    [InlineData(Architecture.Bert, 5.557 + 0.693, 4.6)]
    [InlineData(Architecture.Roberta, 5.557, 3.9)]
    public async Task Training_OnRealText_LowersTheLoss(Architecture architecture, double first, double last)
    {
        using var rings = await TestRings.ConnectAsync(1);
        var options = Nano(architecture) with { Optimizer = new() { PeakLearningRate = 3e-3 }, Batch = 8 };
        using var step = Create(options, rings.Rings[0]);
        double[] losses = Run(step, rings.Rings[0], count: 80);
        Assert.Equal(first, losses[0], tolerance: 0.25);
        var mean = losses[^10..].Average();
        Assert.True(mean < last, $"The loss ended at {mean:F2}.");
    }

    [Theory]
    [InlineData(2, Architecture.Gpt2)]
    [InlineData(4, Architecture.Gpt2)]
    [InlineData(2, Architecture.Bert)]
    [InlineData(4, Architecture.Bert)]
    [InlineData(2, Architecture.Roberta)]
    [InlineData(4, Architecture.Roberta)]
    public async Task Training_OnSeveralRanks_EqualsOneRank(int worldSize, Architecture architecture)
    {
        float[][] one = await TrainAsync(architecture, worldSize: 1, batch: 4), several = await TrainAsync(architecture, worldSize, batch: 4 / worldSize);
        Assert.Equal(one.Length, several.Length);
        foreach (var (expected, unit) in one.Zip(several))
        {
            Assert.True(unit.Length >= expected.Length);
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], unit[i], tolerance: 1e-4);
            Assert.All(unit[expected.Length..], padding => Assert.Equal(0, padding));
        }
    }

    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public async Task Training_Twice_GivesTheSameBits(Architecture architecture) =>
        Assert.Equal(await TrainAsync(architecture, worldSize: 4, batch: 1), await TrainAsync(architecture, worldSize: 4, batch: 1));

    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public async Task State_LoadedIntoAFreshStep_ContinuesBitForBit(Architecture architecture)
    {
        var options = Nano(architecture);
        using var rings = await TestRings.ConnectAsync(1);
        var ring = rings.Rings[0];
        byte[][] saved;
        long savedStep, savedPosition;
        byte[][] expected;
        using (var uninterrupted = Create(options, ring))
        {
            Run(uninterrupted, ring, count: 3);
            saved = Bytes(uninterrupted.State);
            (savedStep, savedPosition) = (uninterrupted.State.Step, uninterrupted.State.DataPosition);
            Run(uninterrupted, ring, count: 3);
            expected = Bytes(uninterrupted.State);
        }

        using var restored = Create(options, ring);
        foreach (var ((_, tensor), bytes) in restored.State.Tensors.Zip(saved)) bytes.CopyTo(tensor.bytes);
        (restored.State.Step, restored.State.DataPosition) = (savedStep, savedPosition);
        torch.manual_seed(99); // The process may have drawn any random numbers before.
        Run(restored, ring, count: 3);

        Assert.Equal((savedStep + 3, savedPosition + 12), (restored.State.Step, restored.State.DataPosition));
        Assert.Equal(expected, Bytes(restored.State));
    }

    [Fact]
    public async Task ForwardBackward_LeavesTheStateAndCanBeRepeated()
    {
        using var rings = await TestRings.ConnectAsync(1);
        using var step = Create(Gpt2Nano, rings.Rings[0]);
        byte[][] before = Bytes(step.State);
        double first = step.ForwardBackward(rings.Rings[0]);
        Assert.Equal(before, Bytes(step.State));
        Assert.Equal(first, step.ForwardBackward(rings.Rings[0]));
    }

    [Fact]
    public async Task ApplyOptimizer_AfterAnAbortedStep_IsRefused()
    {
        using var rings = await TestRings.ConnectAsync(2);
        using var step = Create(Gpt2Nano, rings.Rings[0]);
        rings.Rings[0].Abort();
        Assert.Throws<CollectiveAbortedException>(() => step.ForwardBackward(rings.Rings[0]));
        Assert.Throws<InvalidOperationException>(step.ApplyOptimizer);
    }

    [Fact]
    public async Task State_OverManySteps_StaysAtItsAddresses()
    {
        using var rings = await TestRings.ConnectAsync(1);
        using var step = Create(Gpt2Nano, rings.Rings[0]);
        nint[] before = Addresses(step.State);
        Run(step, rings.Rings[0], count: 3);
        Assert.Equal(before, Addresses(step.State));
        Assert.All(step.State.Tensors, entry => Assert.True(entry.Tensor.is_contiguous()));
    }

    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public async Task Steps_DoNotLeaveTensorsBehind(Architecture architecture)
    {
        using var rings = await TestRings.ConnectAsync(1);
        using var step = Create(Nano(architecture), rings.Rings[0]);
        Run(step, rings.Rings[0], count: 2);
        long before = torch.Tensor.TotalCount;
        Run(step, rings.Rings[0], count: 5);
        Assert.True(torch.Tensor.TotalCount <= before, $"{torch.Tensor.TotalCount} tensors are alive, {before} were.");
    }

    private static TrainingOptions Nano(Architecture architecture) => new() { Model = TestModels.Nano(architecture), Batch = 4 };

    /// <summary>
    /// Trains without dropout: all ranks of one process would share its random numbers. Of a model whose units need padding; the padding stays zero.
    /// </summary>
    /// <returns>The parameters of each unit, padding included.</returns>
    private static async Task<float[][]> TrainAsync(Architecture architecture, int worldSize, int batch)
    {
        var options = new TrainingOptions { Model = TestModels.Odd(architecture), Batch = batch, Dropout = 0 };
        using var rings = await TestRings.ConnectAsync(worldSize);
        var steps = rings.Rings.Select(ring => Create(options, ring)).ToArray();
        double[][] losses = await rings.OnAllAsync(ring => Run(steps[ring.Rank], ring, count: 5));
        Assert.All(losses, other => Assert.Equal(losses[0], other));
        var parameters = TestShards.Join(new ParameterLayout(options.Model), [.. steps.Select(step => step.State.Parameters.data<float>().ToArray())]);
        foreach (var step in steps) step.Dispose();
        return parameters;
    }

    private static TrainingStep Create(TrainingOptions options, Ring ring)
    {
        var step = new TrainingStep(options, Corpus, ring.WorldSize, ring.Rank, torch.CPU);
        step.Reset();
        return step;
    }

    private static double[] Run(TrainingStep step, Ring ring, int count)
    {
        double[] losses = new double[count];
        for (int i = 0; i < count; i++)
        {
            losses[i] = step.ForwardBackward(ring);
            step.ApplyOptimizer();
        }
        return losses;
    }

    private static byte[][] Bytes(ShardState state) => [.. state.Tensors.Select(entry => entry.Tensor.bytes.ToArray())];

    private static nint[] Addresses(ShardState state) => [.. state.Tensors.Select(entry => TensorMemory.AddressOf(entry.Tensor))];
}
