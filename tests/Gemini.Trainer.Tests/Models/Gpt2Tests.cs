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
    public void Layout_OfEveryPreset_HasContiguousSlotsAndBlocks()
    {
        foreach (var shape in ModelPresets.All)
        {
            var layout = new ParameterLayout(shape);
            long offset = 0;
            foreach (var slot in layout.Slots)
            {
                Assert.Equal(offset, slot.Offset);
                offset += slot.Count;
            }
            Assert.Equal(shape.ParameterCount, offset);
            var block = layout.Slots.Where(slot => slot.Name.StartsWith("h.0.", StringComparison.Ordinal));
            Assert.Equal(shape.BlockParameterCount, block.Sum(slot => slot.Count));
        }
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
    public void Forward_ChangedLaterToken_LeavesEarlierLogits()
    {
        using var flat = new Flat(seed: 1);
        using var before = flat.Model.Forward(flat.Tokens);
        using var changed = flat.Tokens.clone();
        changed[0, 10] = torch.tensor(255L);
        using var after = flat.Model.Forward(changed);
        float[] x = before[0].data<float>().ToArray(), y = after[0].data<float>().ToArray();
        Assert.Equal(x[..(10 * 256)], y[..(10 * 256)]);
        Assert.NotEqual(x[(10 * 256)..], y[(10 * 256)..]);
    }

    /// <summary>Backward fills the flat gradient. A step against the gradient lowers the loss by the amount that the gradient predicts.</summary>
    [Fact]
    public void Backward_IntoTheFlatVector_IsTheGradient()
    {
        using var flat = new Flat(seed: 2);
        using var loss = flat.Model.Loss(flat.Tokens, flat.Tokens);
        loss.backward();
        using var noGradient = torch.no_grad();
        float squaredNorm = flat.Gradients.square().sum().item<float>();
        using var rate = (-1e-3f / squaredNorm).ToScalar();
        flat.Parameters.add_(flat.Gradients, rate);
        using var lower = flat.Model.Loss(flat.Tokens, flat.Tokens);
        Assert.Equal(1e-3, loss.item<float>() - lower.item<float>(), tolerance: 1e-4);
    }

    [Fact]
    public void Initialize_SameSeed_SameBits_OtherSeed_OtherBits()
    {
        using Flat a = new(seed: 7), b = new(seed: 7), c = new(seed: 8);
        Assert.Equal(a.Parameters.data<float>(), b.Parameters.data<float>());
        Assert.NotEqual(a.Parameters.data<float>(), c.Parameters.data<float>());
    }

    private sealed class Flat : IDisposable
    {
        public Flat(long seed)
        {
            var layout = new ParameterLayout(ModelPresets.Get("gpt2-nano"));
            Parameters = torch.zeros(layout.Count);
            Gradients = torch.zeros(layout.Count);
            layout.Initialize(Parameters, seed);
            Model = new Gpt2(layout, Parameters, Gradients, dropout: 0);
            using var first = 0.ToScalar();
            using var end = 64.ToScalar();
            Tokens = torch.arange(first, end, torch.int64).view(2, 32);
        }

        public torch.Tensor Parameters { get; }

        public torch.Tensor Gradients { get; }

        public torch.Tensor Tokens { get; }

        public Gpt2 Model { get; }

        public void Dispose()
        {
            Model.Dispose();
            foreach (var tensor in (torch.Tensor[])[Parameters, Gradients, Tokens]) tensor.Dispose();
        }
    }
}
