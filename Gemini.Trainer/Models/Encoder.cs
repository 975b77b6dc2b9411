using Gemini.Interfaces.Presets;
using Gemini.Trainer.Data;
using static TorchSharp.torch;

namespace Gemini.Trainer.Models;

/// <summary>What BERT and RoBERTa have in common: a post-norm transformer encoder with learned positions, and a head for masked tokens.</summary>
/// <remarks>
/// Devlin et al., 2019, sections 3 and 3.1. Every position attends to all. Each sublayer's output is added to its input, then normalised. The head is
/// that of the authors' program: a dense layer with GELU, a layer norm, and the token embedding with a bias for each token.
/// </remarks>
/// <param name="shape">The model's numbers.</param>
/// <param name="dropout">Probability of dropping an activation, from 0 (off) to below 1.</param>
/// <param name="normEpsilon">Added to the variance in a layer norm.</param>
internal sealed class Encoder(ModelShape shape, double dropout, double normEpsilon) : IDisposable
{
    /// <summary>Index of a model's own first parameter in the embedding unit, after the common ones.</summary>
    public const int CommonSlots = 9;

    private const int NormIndex = 2;
    private const int HeadIndex = 4;

    private readonly TransformerLayers _layers = new(shape, dropout, normEpsilon, isCausal: false);

    /// <summary>
    /// The units. The names are those in published checkpoints for PyTorch, without "bert." and "cls." before them. There query, key and value have a
    /// matrix each; here they are the rows of one matrix, in this order.
    /// </summary>
    /// <param name="shape">The model's numbers.</param>
    /// <param name="addOwn">Adds the model's own parameters to the embedding unit, after the common ones.</param>
    public static IReadOnlyList<ParameterUnit> UnitsOf(ModelShape shape, Func<UnitBuilder, UnitBuilder> addOwn)
    {
        var embedding = new UnitBuilder("embedding")
            .Add("embeddings.word_embeddings.weight", ParameterStart.Normal, shape.Vocabulary, shape.Hidden)
            .Add("embeddings.position_embeddings.weight", ParameterStart.Normal, shape.Context, shape.Hidden)
            .AddNorm("embeddings.LayerNorm", shape.Hidden)
            .AddLinear("predictions.transform.dense", ParameterStart.Normal, shape.Hidden, shape.Hidden)
            .AddNorm("predictions.transform.LayerNorm", shape.Hidden)
            .Add("predictions.bias", ParameterStart.Zeros, shape.Vocabulary);
        return [addOwn(embedding).Build(), .. Enumerable.Range(0, shape.Layers).Select(layer => BlockOf(shape, $"encoder.layer.{layer}"))];
    }

    /// <summary>The first hidden state. The caller disposes it.</summary>
    /// <param name="embedding">Parameters of the embedding unit.</param>
    /// <param name="batch">The samples.</param>
    /// <param name="segmentTable">An embedding for each of the batch's segments; null: none.</param>
    public Tensor Embed(IReadOnlyList<Tensor> embedding, Batch batch, Tensor? segmentTable = null)
    {
        using var scope = NewDisposeScope();
        var sum = _layers.Sum(_layers.Rows(embedding[0], batch.Inputs), embedding[1].narrow(0, 0, batch.Inputs.size(1)));
        if (segmentTable is not null) sum = _layers.Sum(sum, _layers.Rows(segmentTable, batch.Segments!));
        // A backward pass of a layer norm needs its weight. The graph gets a copy: by then the parameters' memory contains another unit.
        var normed = _layers.Norm(sum, embedding[NormIndex].clone(), embedding[NormIndex + 1].clone());
        return _layers.Drop(normed).MoveToOuterDisposeScope();
    }

    /// <inheritdoc cref="ITransformer.Block"/>
    public Tensor Block(IReadOnlyList<Tensor> block, Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var at = 0;
        var middle = _layers.Norm(_layers.Sum(hidden, _layers.Attention(hidden, block, ref at)), block, ref at);
        return _layers.Norm(_layers.Sum(middle, _layers.FeedForward(middle, block, ref at)), block, ref at).MoveToOuterDisposeScope();
    }

    /// <summary>Mean cross-entropy of predicting the masked tokens, in nats per masked token. A scalar that the caller disposes.</summary>
    /// <param name="embedding">Parameters of the embedding unit.</param>
    /// <param name="hidden">The hidden state after the last block.</param>
    /// <param name="batch">The samples.</param>
    public Tensor MaskedLoss(IReadOnlyList<Tensor> embedding, Tensor hidden, Batch batch)
    {
        using var scope = NewDisposeScope();
        var at = HeadIndex;
        // Only these rows need logits, which are as wide as the vocabulary.
        var rows = hidden.reshape(-1, shape.Hidden).index_select(0, batch.Masked!);
        var normed = _layers.Norm(nn.functional.gelu(TransformerLayers.Linear(rows, embedding, ref at)), embedding, ref at);
        var logits = nn.functional.linear(normed, embedding[0], embedding[at]);
        return nn.functional.cross_entropy(logits, batch.Targets).MoveToOuterDisposeScope();
    }

    public void Dispose() => _layers.Dispose();

    private static ParameterUnit BlockOf(ModelShape shape, string name) => new UnitBuilder(name, name + ".")
        .AddLinear("attention.self", ParameterStart.Normal, 3 * shape.Hidden, shape.Hidden)
        .AddLinear("attention.output.dense", ParameterStart.Normal, shape.Hidden, shape.Hidden)
        .AddNorm("attention.output.LayerNorm", shape.Hidden)
        .AddLinear("intermediate.dense", ParameterStart.Normal, shape.Intermediate, shape.Hidden)
        .AddLinear("output.dense", ParameterStart.Normal, shape.Hidden, shape.Intermediate)
        .AddNorm("output.LayerNorm", shape.Hidden)
        .Build();
}
