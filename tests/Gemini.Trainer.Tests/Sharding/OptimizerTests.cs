using Gemini.Interfaces.Presets;
using Gemini.Trainer.Models;
using Gemini.Trainer.Sharding;
using TorchSharp;

namespace Gemini.Trainer.Tests.Sharding;

[Collection(TorchCollection.Name)]
public sealed class OptimizerTests
{
    [Fact]
    public void LearningRate_RisesToThePeakAndFallsToTheFloor()
    {
        var options = new OptimizerOptions { PeakLearningRate = 1, WarmupSteps = 4, DecaySteps = 104, FloorRatio = 0.1 };
        Assert.Equal([0.25, 0.5, 0.75, 1], Enumerable.Range(0, 4).Select(step => options.LearningRate(step)));
        Assert.Equal(1, options.LearningRate(4), precision: 9);
        Assert.Equal(0.55, options.LearningRate(54), precision: 9);
        Assert.Equal(0.1, options.LearningRate(104), precision: 9);
        Assert.Equal(0.1, options.LearningRate(1_000_000), precision: 9);
    }

    [Fact]
    public void Step_OnOneRank_IsTorchsAdamW()
    {
        var parameters = new ParameterLayout(ModelPresets.Get("gpt2-nano"));
        var options = new OptimizerOptions { WarmupSteps = 0, FloorRatio = 1, PeakLearningRate = 1e-2 };
        using var state = TestShards.State(parameters, worldSize: 1, rank: 0);
        state.InitializeParameters(parameters, seed: 1);
        using var optimizer = new ShardedAdamW(options, state, parameters);
        // Torch decays a whole parameter group. So compare a matrix and a bias, each with its own torch optimizer.
        var block = state.Layout.Parts[2];
        var slots = parameters.Units[2].Slots.Where(slot => slot.Name is "h.1.mlp.c_fc.weight" or "h.1.mlp.c_fc.bias").ToArray();
        Assert.Equal(2, slots.Length);
        var expected = slots.Select(slot => new TorchSharp.Modules.Parameter(ValuesOf(state.Parameters, slot).clone())).ToArray();
        var torchs = slots.Select((slot, i) => torch.optim.AdamW(
            [expected[i]], 1e-2, 0.9, 0.95, 1e-8, slot.IsDecayed ? options.WeightDecay : 0)).ToArray();
        using var generator = new torch.Generator(5, torch.CPU);
        for (int step = 0; step < 5; step++)
        {
            using var gradient = torch.randn(parameters.Count, generator: generator);
            for (int i = 0; i < slots.Length; i++)
            {
                expected[i].grad = ValuesOf(gradient, slots[i]).clone();
                torchs[i].step();
            }
            optimizer.Step(gradient);
        }
        for (int i = 0; i < slots.Length; i++)
            Assert.True(ValuesOf(state.Parameters, slots[i]).allclose(expected[i], rtol: 1e-5, atol: 1e-6), slots[i].Name);
        Assert.Equal(5, state.Step);

        torch.Tensor ValuesOf(torch.Tensor shard, ParameterSlot slot) => shard.narrow(0, block.ShardOffset + slot.Offset, slot.Count);
    }
}
