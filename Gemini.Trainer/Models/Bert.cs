using Gemini.Interfaces.Presets;
using Gemini.Trainer.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Gemini.Trainer.Models;

/// <summary>BERT: an encoder that sees pairs of texts, and predicts masked tokens and whether the second text follows the first.</summary>
/// <remarks>
/// Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019, section 3.1 and appendix A.2. The loss is
/// the sum of two mean cross-entropies: nats per masked token, and nats per pair. The classifier sees the pooled first position, a dense layer with
/// tanh. Neither the paper nor the authors' program drops anything in the heads.
/// </remarks>
/// <param name="shape">The model's numbers.</param>
/// <param name="dropout">Probability of dropping an activation, from 0 (off) to below 1. The paper's is 0.1.</param>
internal sealed class Bert(ModelShape shape, double dropout) : ITransformer
{
    private const int SegmentIndex = Encoder.CommonSlots;
    private const int PoolerIndex = SegmentIndex + 1;

    /// <summary>As in the authors' program; the paper does not say.</summary>
    private const double NormEpsilon = 1e-12;

    private readonly Encoder _encoder = new(shape, dropout, NormEpsilon);
    private readonly Scalar _one = 1.ToScalar();

    /// <summary>The units: those of the encoder, with segments, pooler and classifier.</summary>
    public static IReadOnlyList<ParameterUnit> UnitsOf(ModelShape shape) => Encoder.UnitsOf(shape, embedding => embedding
        .Add("embeddings.token_type_embeddings.weight", ParameterStart.Normal, 2, shape.Hidden)
        .AddLinear("pooler.dense", ParameterStart.Normal, shape.Hidden, shape.Hidden)
        .AddLinear("seq_relationship", ParameterStart.Normal, 2, shape.Hidden));

    public Tensor Embed(IReadOnlyList<Tensor> embedding, Batch batch) => _encoder.Embed(embedding, batch, embedding[SegmentIndex]);

    public Tensor Block(IReadOnlyList<Tensor> block, Tensor hidden) => _encoder.Block(block, hidden);

    public Tensor Loss(IReadOnlyList<Tensor> embedding, Tensor hidden, Batch batch)
    {
        using var masked = _encoder.MaskedLoss(embedding, hidden, batch);
        using var nextSentence = NextSentenceLoss(embedding, hidden, batch);
        return masked.add(nextSentence, _one);
    }

    public void Dispose()
    {
        _one.Dispose();
        _encoder.Dispose();
    }

    private static Tensor NextSentenceLoss(IReadOnlyList<Tensor> embedding, Tensor hidden, Batch batch)
    {
        using var scope = NewDisposeScope();
        var at = PoolerIndex;
        var pooled = TransformerLayers.Linear(hidden.select(1, 0), embedding, ref at).tanh();
        var logits = TransformerLayers.Linear(pooled, embedding, ref at);
        return nn.functional.cross_entropy(logits, batch.NotNext!).MoveToOuterDisposeScope();
    }
}
