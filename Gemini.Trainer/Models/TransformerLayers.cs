using Gemini.Interfaces.Presets;
using TorchSharp;
using static TorchSharp.torch;

namespace Gemini.Trainer.Models;

/// <summary>The layers of which all models are made.</summary>
/// <remarks>
/// Vaswani et al., "Attention Is All You Need", 2017, with GELU (Hendrycks and Gimpel, 2016). The caller disposes what a layer returns; the tensors
/// between belong to the caller's dispose scope. Layers with an <c>at</c> take their parameters in the order of the unit, and <c>at</c> is the index of
/// the next one.
/// </remarks>
/// <param name="shape">The model's numbers.</param>
/// <param name="dropout">Probability of dropping an activation, from 0 (off) to below 1. Uses torch's global random numbers.</param>
/// <param name="normEpsilon">Added to the variance in a layer norm.</param>
/// <param name="isCausal">Whether a position attends only to itself and earlier ones; otherwise it attends to all.</param>
internal sealed class TransformerLayers(ModelShape shape, double dropout, double normEpsilon, bool isCausal) : IDisposable
{
    private readonly Scalar _one = 1.ToScalar();

    /// <summary>A row of the table for each index: batch × length × hidden. Its graph keeps the indices and not the table.</summary>
    public Tensor Rows(Tensor table, Tensor indices) =>
        table.index_select(0, indices.reshape(-1)).view(indices.size(0), indices.size(1), shape.Hidden);

    public Tensor Sum(Tensor left, Tensor right) => left.add(right, _one);

    public Tensor Drop(Tensor hidden) => dropout > 0 ? nn.functional.dropout(hidden, dropout, training: true) : hidden;

    public Tensor Norm(Tensor hidden, IReadOnlyList<Tensor> unit, ref int at) => Norm(hidden, unit[at++], unit[at++]);

    public Tensor Norm(Tensor hidden, Tensor weight, Tensor bias) => nn.functional.layer_norm(hidden, [shape.Hidden], weight, bias, normEpsilon);

    public static Tensor Linear(Tensor hidden, IReadOnlyList<Tensor> unit, ref int at) => nn.functional.linear(hidden, unit[at++], unit[at++]);

    public Tensor Attention(Tensor hidden, IReadOnlyList<Tensor> unit, ref int at)
    {
        long batch = hidden.size(0), length = hidden.size(1);
        // batch × length × 3 × heads × width  →  3 × batch × heads × length × width
        var heads = Linear(hidden, unit, ref at).view(batch, length, 3, shape.Heads, shape.Hidden / shape.Heads).permute(2, 0, 3, 1, 4);
        var mixed = nn.functional.scaled_dot_product_attention(heads[0], heads[1], heads[2], p: dropout, is_casual: isCausal);
        return Drop(Linear(mixed.transpose(1, 2).reshape(batch, length, shape.Hidden), unit, ref at));
    }

    public Tensor FeedForward(Tensor hidden, IReadOnlyList<Tensor> unit, ref int at)
    {
        var wide = nn.functional.gelu(Linear(hidden, unit, ref at));
        return Drop(Linear(wide, unit, ref at));
    }

    public void Dispose() => _one.Dispose();
}
