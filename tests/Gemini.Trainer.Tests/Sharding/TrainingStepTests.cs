using Gemini.Interfaces.Presets;
using Gemini.Trainer.Client.Collectives;
using Gemini.Trainer.Client.Native;
using Gemini.Trainer.Data;
using Gemini.Trainer.Models;
using Gemini.Trainer.Sharding;
using Gemini.Trainer.Tests.Client.Collectives;
using TorchSharp;

namespace Gemini.Trainer.Tests.Sharding;

[Collection(TorchCollection.Name)]
public sealed class TrainingStepTests
{
    private static readonly ByteCorpus Corpus = ByteCorpus.Open(limitBytes: 1 << 20);

    private static readonly TrainingOptions Nano = new() { Model = ModelPresets.Get("gpt2-nano"), Batch = 4 };

    /// <summary>The padding stays zero while it trains.</summary>
    private static readonly TrainingOptions OddNano = Nano with { Model = TestShards.Odd };

    [Fact]
    public async Task Training_OnRealText_LowersTheLoss()
    {
        using var rings = await TestRings.ConnectAsync(1);
        var options = Nano with { Optimizer = new() { PeakLearningRate = 3e-3 }, Batch = 8 };
        using var step = Create(options, rings.Rings[0]);
        double[] losses = Run(step, rings.Rings[0], count: 80);
        Assert.InRange(losses[0], 5.3, 5.8);
        Assert.True(losses[^5..].Average() < 3.6, $"The loss ended at {losses[^1]:F2}.");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Training_OnSeveralRanks_EqualsOneRank(int worldSize)
    {
        float[][] one = await TrainAsync(worldSize: 1, batch: 4), several = await TrainAsync(worldSize, batch: 4 / worldSize);
        Assert.Equal(one.Length, several.Length);
        foreach (var (expected, unit) in one.Zip(several))
        {
            Assert.True(unit.Length >= expected.Length);
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], unit[i], tolerance: 1e-4);
            Assert.All(unit[expected.Length..], padding => Assert.Equal(0, padding));
        }
    }

    [Fact]
    public async Task Training_Twice_GivesTheSameBits() =>
        Assert.Equal(await TrainAsync(worldSize: 4, batch: 1), await TrainAsync(worldSize: 4, batch: 1));

    [Fact]
    public async Task State_LoadedIntoAFreshStep_ContinuesBitForBit()
    {
        using var rings = await TestRings.ConnectAsync(1);
        var ring = rings.Rings[0];
        byte[][] saved;
        long savedStep, savedPosition;
        byte[][] expected;
        using (var uninterrupted = Create(Nano, ring))
        {
            Run(uninterrupted, ring, count: 3);
            saved = Bytes(uninterrupted.State);
            (savedStep, savedPosition) = (uninterrupted.State.Step, uninterrupted.State.DataPosition);
            Run(uninterrupted, ring, count: 3);
            expected = Bytes(uninterrupted.State);
        }

        using var restored = Create(Nano with { Seed = 1 }, ring);
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
        using var step = Create(Nano, rings.Rings[0]);
        byte[][] before = Bytes(step.State);
        double first = step.ForwardBackward(rings.Rings[0]);
        Assert.Equal(before, Bytes(step.State));
        Assert.Equal(first, step.ForwardBackward(rings.Rings[0]));
    }

    [Fact]
    public async Task ApplyOptimizer_AfterAnAbortedStep_IsRefused()
    {
        using var rings = await TestRings.ConnectAsync(2);
        using var step = Create(Nano, rings.Rings[0]);
        rings.Rings[0].Abort();
        Assert.Throws<CollectiveAbortedException>(() => step.ForwardBackward(rings.Rings[0]));
        Assert.Throws<InvalidOperationException>(step.ApplyOptimizer);
    }

    [Fact]
    public async Task State_OverManySteps_StaysAtItsAddresses()
    {
        using var rings = await TestRings.ConnectAsync(1);
        using var step = Create(Nano, rings.Rings[0]);
        nint[] before = Addresses(step.State);
        Run(step, rings.Rings[0], count: 3);
        Assert.Equal(before, Addresses(step.State));
        Assert.All(step.State.Tensors, entry => Assert.True(entry.Tensor.is_contiguous()));
    }

    [Fact]
    public async Task Steps_DoNotLeaveTensorsBehind()
    {
        using var rings = await TestRings.ConnectAsync(1);
        using var step = Create(Nano, rings.Rings[0]);
        Run(step, rings.Rings[0], count: 2);
        long before = torch.Tensor.TotalCount;
        Run(step, rings.Rings[0], count: 5);
        Assert.True(torch.Tensor.TotalCount <= before, $"{torch.Tensor.TotalCount} tensors are alive, {before} were.");
    }

    /// <summary>Trains without dropout: all ranks of one process would share its random numbers.</summary>
    /// <returns>The parameters of each unit, padding included.</returns>
    private static async Task<float[][]> TrainAsync(int worldSize, int batch)
    {
        using var rings = await TestRings.ConnectAsync(worldSize);
        var steps = rings.Rings.Select(ring => Create(OddNano with { Batch = batch, Dropout = 0 }, ring)).ToArray();
        double[][] losses = await rings.OnAllAsync(ring => Run(steps[ring.Rank], ring, count: 5));
        Assert.All(losses, other => Assert.Equal(losses[0], other));
        var parameters = TestShards.Join(new ParameterLayout(OddNano.Model), [.. steps.Select(step => step.State.Parameters.data<float>().ToArray())]);
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
