using Gemini.Interfaces.Presets;
using Gemini.Trainer.Data;
using Gemini.Trainer.Models;
using TorchSharp;

namespace Gemini.Trainer.Tests.Models;

/// <summary>What holds for the models of every architecture, and in what they differ.</summary>
[Collection(TorchCollection.Name)]
public sealed class TransformerTests
{
    private const int Changed = 5;

    /// <summary>Nats of guessing one of 256 or 259 tokens; BERT also guesses one of two answers.</summary>
    [Theory]
    [InlineData(Architecture.Gpt2, 5.545)]
    [InlineData(Architecture.Bert, 5.557 + 0.693)]
    [InlineData(Architecture.Roberta, 5.557)]
    public void Loss_OfAFreshModel_IsThatOfGuessing(Architecture architecture, double nats)
    {
        using var model = Nano(architecture);
        using var batch = TestModels.Samples(architecture, number: 0);
        using var loss = model.Loss(batch);
        Assert.Equal(nats, loss.item<float>(), tolerance: 0.2);
    }

    [Fact]
    public void Hidden_OfGpt2_AfterALaterTokenChanged_IsTheSameBefore()
    {
        var (before, after) = HiddenAroundAChange(Architecture.Gpt2);
        for (var position = 0; position < TestModels.Length; position++)
        {
            if (position < Changed) Assert.Equal(before[position], after[position]);
            else Assert.NotEqual(before[position], after[position]);
        }
    }

    [Theory]
    [InlineData(Architecture.Bert)]
    [InlineData(Architecture.Roberta)]
    public void Hidden_OfAnEncoder_AfterATokenChanged_DiffersEverywhere(Architecture architecture)
    {
        var (before, after) = HiddenAroundAChange(architecture);
        for (var position = 0; position < TestModels.Length; position++) Assert.NotEqual(before[position], after[position]);
    }

    /// <summary>Backward fills the flat gradients. A step against the gradient lowers the loss by the amount that the gradient predicts.</summary>
    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public void Backward_IntoTheFlatVectors_IsTheGradient(Architecture architecture)
    {
        using var model = Nano(architecture, seed: 2);
        using var batch = TestModels.Samples(architecture, number: 0);
        using var loss = model.Loss(batch);
        loss.backward();
        using var noGradient = torch.no_grad();
        float squaredNorm = model.Gradients.Sum(unit => unit.square().sum().item<float>());
        using var rate = (-1e-3f / squaredNorm).ToScalar();
        foreach (var (parameters, gradients) in model.Parameters.Zip(model.Gradients)) parameters.add_(gradients, rate);
        using var lower = model.Loss(batch);
        Assert.Equal(1e-3, loss.item<float>() - lower.item<float>(), tolerance: 1e-4);
    }

    /// <summary>No parameter is left out of the computation.</summary>
    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public void Backward_GivesEveryParameterAGradient(Architecture architecture)
    {
        var layout = new ParameterLayout(TestModels.Nano(architecture));
        using var model = new WholeModel(layout, seed: 1);
        using var batch = TestModels.Samples(architecture, number: 0);
        using var loss = model.Loss(batch);
        loss.backward();
        foreach (var (unit, gradients) in layout.Units.Zip(model.Gradients))
        {
            var values = gradients.data<float>().ToArray();
            Assert.All(unit.Slots, slot => Assert.Contains(values[(int)slot.Offset..(int)(slot.Offset + slot.Count)], value => value != 0));
        }
    }

    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public void Initialize_SameSeed_SameBits_OtherSeed_OtherBits(Architecture architecture)
    {
        using WholeModel a = Nano(architecture, seed: 7), b = Nano(architecture, seed: 7), c = Nano(architecture, seed: 8);
        foreach (var unit in Enumerable.Range(0, a.Parameters.Length))
        {
            Assert.Equal(a.Parameters[unit].data<float>(), b.Parameters[unit].data<float>());
            Assert.NotEqual(a.Parameters[unit].data<float>(), c.Parameters[unit].data<float>());
        }
    }

    private static WholeModel Nano(Architecture architecture, long seed = 1) => new(new ParameterLayout(TestModels.Nano(architecture)), seed);

    /// <summary>The hidden state of each position of the first sample, before and after the token at <see cref="Changed"/> was replaced by another.</summary>
    private static (float[][] Before, float[][] After) HiddenAroundAChange(Architecture architecture)
    {
        using var model = Nano(architecture);
        using var batch = TestModels.Samples(architecture, number: 0);
        var before = HiddenOf(model, batch);
        using var other = torch.tensor((batch.Inputs[0, Changed].item<long>() + 1) % 256);
        batch.Inputs[0, Changed] = other;
        return (before, HiddenOf(model, batch));
    }

    private static float[][] HiddenOf(WholeModel model, Batch batch)
    {
        using var hidden = model.Hidden(batch);
        using var first = hidden[0];
        return [.. first.data<float>().ToArray().Chunk((int)first.size(1))];
    }
}
