using Gemini.Interfaces.Presets;
using Gemini.Trainer.Models;
using TorchSharp;

namespace Gemini.Trainer.Tests.Models;

[Collection(TorchCollection.Name)]
public sealed class Gpt2Tests
{
    [Theory]
    [InlineData("gpt2-nano", 70_464)]
    [InlineData("gpt2-tiny", 3_257_856)]
    [InlineData("gpt2-small", 124_439_808)] // The published number.
    public void Layout_OfAPreset_HasItsParameterCount(string name, long expected)
    {
        var shape = ModelPresets.Get(name);
        Assert.Equal(expected, shape.ParameterCount);
        Assert.Equal(expected, new ParameterLayout(shape).Count);
    }

    [Fact]
    public void Layout_OfEveryPreset_HasAnEmbeddingAndOneUnitForEachBlock()
    {
        foreach (var shape in ModelPresets.All)
        {
            var layout = new ParameterLayout(shape);
            Assert.Equal(["embedding", .. Enumerable.Range(0, shape.Layers).Select(layer => $"h.{layer}")], layout.Units.Select(unit => unit.Name));
            Assert.Equal(["wte.weight", "wpe.weight", "ln_f.weight", "ln_f.bias"], layout.Units[0].Slots.Select(slot => slot.Name));
            Assert.All(layout.Units.Skip(1), unit => Assert.Equal(shape.BlockParameterCount, unit.Count));
            Assert.Equal(shape.ParameterCount, layout.Units.Sum(unit => unit.Count));
        }
    }

    /// <summary>The views of one block serve for every block.</summary>
    [Fact]
    public void Layout_OfEveryUnit_HasContiguousSlots_AndBlocksAreAlike()
    {
        var units = new ParameterLayout(ModelPresets.Get("gpt2-tiny")).Units;
        foreach (var unit in units)
        {
            long offset = 0;
            foreach (var slot in unit.Slots)
            {
                Assert.Equal(offset, slot.Offset);
                offset += slot.Count;
            }
            Assert.Equal(unit.Count, offset);
        }
        Assert.All(units.Skip(1), unit => Assert.Equal(units[1].Slots.Select(slot => slot.Shape), unit.Slots.Select(slot => slot.Shape)));
    }

    [Theory]
    [InlineData("gpt2-20b", 20.40)]
    [InlineData("gpt2-40b", 40.53)]
    [InlineData("gpt2-100b", 100.29)]
    public void Preset_OfThePapersTable_HasItsSize(string name, double billions) =>
        Assert.Equal(billions, ModelPresets.Get(name).ParameterCount / 1e9, tolerance: 0.01);

    [Fact]
    public void Preset_Unknown_ListsTheKnownOnes()
    {
        var error = Assert.Throws<ArgumentException>(() => ModelPresets.Get("gpt5"));
        Assert.Contains("gpt2-tiny, gpt2-small", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loss_OfAFreshModel_IsThatOfGuessing()
    {
        using var flat = new Flat(seed: 1);
        using var one = 1.ToScalar();
        using var last = 255.ToScalar();
        using var others = flat.Tokens.neg().add_(last, one); // The tied head predicts the token itself from the start, so ask for other tokens.
        using var loss = flat.Model.Loss(flat.Tokens, others);
        Assert.Equal(Math.Log(256), loss.item<float>(), tolerance: 0.2);
    }

    [Fact]
    public void Logits_ChangedLaterToken_LeavesEarlierLogits()
    {
        using var flat = new Flat(seed: 1);
        using var before = flat.Model.Logits(flat.Tokens);
        using var changed = flat.Tokens.clone();
        changed[0, 10] = torch.tensor(255L);
        using var after = flat.Model.Logits(changed);
        float[] x = before[0].data<float>().ToArray(), y = after[0].data<float>().ToArray();
        Assert.Equal(x[..(10 * 256)], y[..(10 * 256)]);
        Assert.NotEqual(x[(10 * 256)..], y[(10 * 256)..]);
    }

    /// <summary>Backward fills the flat gradients. A step against the gradient lowers the loss by the amount that the gradient predicts.</summary>
    [Fact]
    public void Backward_IntoTheFlatVectors_IsTheGradient()
    {
        using var flat = new Flat(seed: 2);
        using var loss = flat.Model.Loss(flat.Tokens, flat.Tokens);
        loss.backward();
        using var noGradient = torch.no_grad();
        float squaredNorm = flat.Model.Gradients.Sum(unit => unit.square().sum().item<float>());
        using var rate = (-1e-3f / squaredNorm).ToScalar();
        foreach (var (parameters, gradients) in flat.Model.Parameters.Zip(flat.Model.Gradients)) parameters.add_(gradients, rate);
        using var lower = flat.Model.Loss(flat.Tokens, flat.Tokens);
        Assert.Equal(1e-3, loss.item<float>() - lower.item<float>(), tolerance: 1e-4);
    }

    [Fact]
    public void Initialize_SameSeed_SameBits_OtherSeed_OtherBits()
    {
        using Flat a = new(seed: 7), b = new(seed: 7), c = new(seed: 8);
        foreach (var unit in Enumerable.Range(0, a.Model.Parameters.Length))
        {
            Assert.Equal(a.Model.Parameters[unit].data<float>(), b.Model.Parameters[unit].data<float>());
            Assert.NotEqual(a.Model.Parameters[unit].data<float>(), c.Model.Parameters[unit].data<float>());
        }
    }

    private sealed class Flat : IDisposable
    {
        public Flat(long seed)
        {
            Model = new WholeGpt2(new ParameterLayout(ModelPresets.Get("gpt2-nano")), seed);
            using var first = 0.ToScalar();
            using var end = 64.ToScalar();
            Tokens = torch.arange(first, end, torch.int64).view(2, 32);
        }

        public torch.Tensor Tokens { get; }

        public WholeGpt2 Model { get; }

        public void Dispose()
        {
            Model.Dispose();
            Tokens.Dispose();
        }
    }
}
