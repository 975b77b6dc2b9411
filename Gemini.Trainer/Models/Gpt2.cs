using Gemini.Interfaces.Presets;
using Gemini.Trainer.Data;
using static TorchSharp.torch;

namespace Gemini.Trainer.Models;

/// <summary>GPT-2: pre-norm transformer decoder with learned positions and a tied output head.</summary>
/// <remarks>
/// Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.3. The loss is the mean cross-entropy of predicting each
/// token's successor, in nats per token.
/// </remarks>
/// <param name="shape">The model's numbers.</param>
/// <param name="dropout">Probability of dropping an activation, from 0 (off) to below 1.</param>
internal sealed class Gpt2(ModelShape shape, double dropout) : ITransformer
{
    private readonly TransformerLayers _layers = new(shape, dropout, normEpsilon: 1e-5, isCausal: true);

    /// <summary>The units, with the names that published GPT-2 checkpoints use.</summary>
    public static IReadOnlyList<ParameterUnit> UnitsOf(ModelShape shape) =>
    [
        new UnitBuilder("embedding")
            .Add("wte.weight", ParameterStart.Normal, shape.Vocabulary, shape.Hidden)
            .Add("wpe.weight", ParameterStart.Normal, shape.Context, shape.Hidden)
            .AddNorm("ln_f", shape.Hidden)
            .Build(),
        .. Enumerable.Range(0, shape.Layers).Select(layer => BlockOf(shape, $"h.{layer}")),
    ];

    public Tensor Embed(IReadOnlyList<Tensor> embedding, Batch batch)
    {
        using var scope = NewDisposeScope();
        var positions = embedding[1].narrow(0, 0, batch.Inputs.size(1));
        return _layers.Drop(_layers.Sum(_layers.Rows(embedding[0], batch.Inputs), positions)).MoveToOuterDisposeScope();
    }

    public Tensor Block(IReadOnlyList<Tensor> block, Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var at = 0;
        var middle = _layers.Sum(hidden, _layers.Attention(_layers.Norm(hidden, block, ref at), block, ref at));
        return _layers.Sum(middle, _layers.FeedForward(_layers.Norm(middle, block, ref at), block, ref at)).MoveToOuterDisposeScope();
    }

    public Tensor Loss(IReadOnlyList<Tensor> embedding, Tensor hidden, Batch batch)
    {
        using var logits = Logits(embedding, hidden);
        using var rows = logits.view(-1, shape.Vocabulary);
        using var targets = batch.Targets.view(-1);
        return nn.functional.cross_entropy(rows, targets);
    }

    public void Dispose() => _layers.Dispose();

    private Tensor Logits(IReadOnlyList<Tensor> embedding, Tensor hidden)
    {
        var at = 2;
        using var normed = _layers.Norm(hidden, embedding, ref at);
        return nn.functional.linear(normed, embedding[0]);
    }

    private static ParameterUnit BlockOf(ModelShape shape, string name) => new UnitBuilder(name, name + ".")
        .AddNorm("ln_1", shape.Hidden)
        .AddLinear("attn.c_attn", ParameterStart.Normal, 3 * shape.Hidden, shape.Hidden)
        .AddLinear("attn.c_proj", ParameterStart.ResidualNormal, shape.Hidden, shape.Hidden)
        .AddNorm("ln_2", shape.Hidden)
        .AddLinear("mlp.c_fc", ParameterStart.Normal, shape.Intermediate, shape.Hidden)
        .AddLinear("mlp.c_proj", ParameterStart.ResidualNormal, shape.Hidden, shape.Intermediate)
        .Build();
}
