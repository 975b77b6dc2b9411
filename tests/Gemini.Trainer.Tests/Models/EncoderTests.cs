using Gemini.Interfaces.Presets;
using Gemini.Trainer.Data;
using Gemini.Trainer.Models;
using TorchSharp;

namespace Gemini.Trainer.Tests.Models;

/// <summary>The papers' encoders: what BERT and RoBERTa compute.</summary>
[Collection(TorchCollection.Name)]
public sealed class EncoderTests
{
    /// <summary>Torch's layer is post-norm by default, has the same epsilon as RoBERTa, and has query, key and value in one matrix, too.</summary>
    [Fact]
    public void Block_OfRoberta_IsTorchsEncoderLayer()
    {
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        var shape = TestModels.Nano(Architecture.Roberta);
        using var layer = torch.nn.TransformerEncoderLayer(
            shape.Hidden, shape.Heads, shape.Intermediate, dropout: 0, torch.nn.Activations.GELU);
        layer.eval();
        torch.manual_seed(5);
        string[] names = ["self_attn.in_proj", "self_attn.out_proj", "norm1", "linear1", "linear2", "norm2"];
        torch.Tensor[] parameters = [.. names.SelectMany(name => ParametersOf(layer, name))];
        foreach (var parameter in parameters) parameter.normal_(0, 0.3);

        using var model = new Roberta(shape, dropout: 0);
        var hidden = torch.randn(2, 8, shape.Hidden);
        var expected = layer.call(hidden.transpose(0, 1), null!, null!).transpose(0, 1);
        Assert.Equal(new ParameterLayout(shape).Units[1].Slots.Select(slot => slot.Shape), parameters.Select(parameter => parameter.shape));
        Assert.True(model.Block(parameters, hidden).allclose(expected, rtol: 1e-4, atol: 1e-5));
    }

    [Theory]
    [InlineData(Architecture.Bert)]
    [InlineData(Architecture.Roberta)]
    public void Hidden_OfAFreshEncoder_IsNormalised(Architecture architecture)
    {
        using var model = new WholeModel(new ParameterLayout(TestModels.Nano(architecture)), seed: 1);
        using var batch = TestModels.Samples(architecture, number: 0);
        using var hidden = model.Hidden(batch);
        foreach (var position in hidden.data<float>().ToArray().Chunk((int)hidden.size(2)))
        {
            Assert.Equal(0, position.Average(), tolerance: 1e-4);
            Assert.Equal(1, position.Average(value => value * value), tolerance: 1e-2);
        }
    }

    [Fact]
    public void Loss_OfBert_IsTheSumOfItsTwoTasks()
    {
        using var model = new WholeModel(new ParameterLayout(TestModels.Nano(Architecture.Bert)), seed: 1);
        using var batch = TestModels.Samples(Architecture.Bert, number: 0);
        var (next, notNext) = (LossWith(0), LossWith(1));
        Assert.NotEqual(next, notNext);
        // A fresh classifier hardly prefers an answer, so each answer's loss is near ln 2.
        Assert.InRange(((next + notNext) / 2) - Math.Log(2), Math.Log(259) - 0.2, Math.Log(259) + 0.2);
        Assert.InRange(Math.Abs(next - notNext), 1e-5, 0.5);

        double LossWith(long label)
        {
            using var labels = torch.tensor((long[])[label, label]);
            using var loss = model.Loss(batch with { NotNext = labels });
            return loss.item<float>();
        }
    }

    [Fact]
    public void Hidden_OfBert_DependsOnTheSegments()
    {
        using var model = new WholeModel(new ParameterLayout(TestModels.Nano(Architecture.Bert)), seed: 1);
        using var batch = TestModels.Samples(Architecture.Bert, number: 0);
        using var other = torch.zeros_like(batch.Segments!);
        using var before = model.Hidden(batch);
        using var after = model.Hidden(batch with { Segments = other });
        Assert.False(before.allclose(after));
    }

    [Fact]
    public void Loss_OfRoberta_IsTheMeanOverTheMaskedTokens()
    {
        using var scope = torch.NewDisposeScope();
        using var model = new WholeModel(new ParameterLayout(TestModels.Nano(Architecture.Roberta)), seed: 1);
        using var batch = TestModels.Samples(Architecture.Roberta, number: 0);
        var whole = model.Loss(batch).item<float>();
        float[] each = [.. Enumerable.Range(0, (int)batch.Targets.size(0)).Select(index => model.Loss(One(batch, index)).item<float>())];
        Assert.Equal(2, each.Length);
        Assert.Equal(each.Average(), whole, tolerance: 1e-5);
    }

    private static Batch One(Batch batch, int index) =>
        new(batch.Inputs, batch.Targets.narrow(0, index, 1)) { Masked = batch.Masked!.narrow(0, index, 1) };

    private static IEnumerable<torch.Tensor> ParametersOf(TorchSharp.Modules.TransformerEncoderLayer layer, string name)
    {
        var separator = name.EndsWith("in_proj", StringComparison.Ordinal) ? "_" : ".";
        var all = layer.named_parameters().ToDictionary(entry => entry.name, entry => (torch.Tensor)entry.parameter);
        return [all[name + separator + "weight"], all[name + separator + "bias"]];
    }
}
