using Gemini.Interfaces.Presets;
using Gemini.Trainer.Data;
using static TorchSharp.torch;

namespace Gemini.Trainer.Models;

/// <summary>RoBERTa: BERT's encoder without segments and without next sentence prediction. It predicts masked tokens.</summary>
/// <remarks>
/// Liu et al., "RoBERTa: A Robustly Optimized BERT Pretraining Approach", 2019, sections 2 and 4.2. The loss is the mean cross-entropy in nats per
/// masked token.
/// </remarks>
/// <param name="shape">The model's numbers.</param>
/// <param name="dropout">Probability of dropping an activation, from 0 (off) to below 1. The paper's is 0.1.</param>
internal sealed class Roberta(ModelShape shape, double dropout) : ITransformer
{
    /// <summary>As in the authors' program; the paper does not say.</summary>
    private const double NormEpsilon = 1e-5;

    private readonly Encoder _encoder = new(shape, dropout, NormEpsilon);

    /// <summary>The units: those of the encoder.</summary>
    public static IReadOnlyList<ParameterUnit> UnitsOf(ModelShape shape) => Encoder.UnitsOf(shape, embedding => embedding);

    public Tensor Embed(IReadOnlyList<Tensor> embedding, Batch batch) => _encoder.Embed(embedding, batch);

    public Tensor Block(IReadOnlyList<Tensor> block, Tensor hidden) => _encoder.Block(block, hidden);

    public Tensor Loss(IReadOnlyList<Tensor> embedding, Tensor hidden, Batch batch) => _encoder.MaskedLoss(embedding, hidden, batch);

    public void Dispose() => _encoder.Dispose();
}
