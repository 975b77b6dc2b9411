using TorchSharp;
using static TorchSharp.torch;

namespace Gemini.Trainer.Models;

/// <summary>GPT-2: pre-norm transformer decoder with learned positions and a tied output head.</summary>
/// <remarks>
/// Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.3. The model owns no numbers: each parameter is a leaf
/// tensor that is a view of one flat vector of the caller, and its gradient is a view of another. So code that fills or reads the flat vectors
/// (collectives, optimizer, checkpoints) needs no copies and no names.
/// </remarks>
internal sealed class Gpt2 : IDisposable
{
    private readonly ParameterLayout _layout;
    private readonly Tensor[] _parameters;
    private readonly Tensor[] _gradients;
    private readonly double _dropout;
    private readonly Scalar _one = 1.ToScalar();

    /// <param name="layout">The order of the parameters.</param>
    /// <param name="flatParameters">fp32, at least <c>layout.Count</c> elements. Kept; the caller disposes it after this model.</param>
    /// <param name="flatGradients">Like <paramref name="flatParameters"/>; gradients are added to it.</param>
    /// <param name="dropout">Probability of dropping an activation, from 0 (off) to below 1. Uses torch's global random numbers.</param>
    public Gpt2(ParameterLayout layout, Tensor flatParameters, Tensor flatGradients, double dropout)
    {
        _layout = layout;
        _dropout = dropout;
        _gradients = [.. layout.Slots.Select(slot => ViewOf(flatGradients, slot))];
        _parameters = [.. layout.Slots.Select(slot => ViewOf(flatParameters, slot).requires_grad_())];
        // Autograd adds in place to an existing gradient, and so into the flat vector.
        for (var i = 0; i < _parameters.Length; i++) _parameters[i].grad = _gradients[i];
    }

    /// <summary>Mean cross-entropy of predicting each token's successor, in nats per token.</summary>
    /// <param name="inputs">int64, batch × length, values below the vocabulary; length at most the model's context.</param>
    /// <param name="targets">Like <paramref name="inputs"/>: the token that follows each input.</param>
    /// <returns>A scalar with a graph behind it; the caller disposes it.</returns>
    public Tensor Loss(Tensor inputs, Tensor targets)
    {
        using var logits = Forward(inputs);
        using var rows = logits.view(-1, _layout.Shape.Vocabulary);
        using var flatTargets = targets.view(-1);
        return nn.functional.cross_entropy(rows, flatTargets);
    }

    /// <summary>Logits, batch × length × vocabulary, for inputs of batch × length.</summary>
    /// <returns>A tensor that the caller disposes.</returns>
    public Tensor Forward(Tensor inputs)
    {
        using var scope = NewDisposeScope();
        var at = 0;
        var tokenEmbedding = _parameters[at++];
        var positions = _parameters[at++].narrow(0, 0, inputs.size(1));
        var tokens = tokenEmbedding.index_select(0, inputs.reshape(-1)).view(inputs.size(0), inputs.size(1), _layout.Shape.Hidden);
        var hidden = Drop(Sum(tokens, positions));
        for (var layer = 0; layer < _layout.Shape.Layers; layer++)
        {
            hidden = Sum(hidden, Attention(Norm(hidden, ref at), ref at));
            hidden = Sum(hidden, FeedForward(Norm(hidden, ref at), ref at));
        }
        return nn.functional.linear(Norm(hidden, ref at), tokenEmbedding).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var tensor in _parameters) tensor.Dispose();
        foreach (var tensor in _gradients) tensor.Dispose();
        _one.Dispose();
    }

    private static Tensor ViewOf(Tensor flat, ParameterSlot slot)
    {
        using var range = flat.narrow(0, slot.Offset, slot.Count);
        using var view = range.view(slot.Shape);
        return view.detach();
    }

    // The following methods take their parameters in the order of the layout; `at` is the index of the next one.

    private Tensor Sum(Tensor left, Tensor right) => left.add(right, _one);

    private Tensor Norm(Tensor hidden, ref int at) =>
        nn.functional.layer_norm(hidden, [_layout.Shape.Hidden], _parameters[at++], _parameters[at++]);

    private Tensor Linear(Tensor hidden, ref int at) => nn.functional.linear(hidden, _parameters[at++], _parameters[at++]);

    private Tensor Attention(Tensor hidden, ref int at)
    {
        var shape = _layout.Shape;
        long batch = hidden.size(0), length = hidden.size(1);
        // batch × length × 3 × heads × width  →  3 × batch × heads × length × width
        var heads = Linear(hidden, ref at).view(batch, length, 3, shape.Heads, shape.Hidden / shape.Heads).permute(2, 0, 3, 1, 4);
        var mixed = nn.functional.scaled_dot_product_attention(heads[0], heads[1], heads[2], p: _dropout, is_casual: true);
        return Drop(Linear(mixed.transpose(1, 2).reshape(batch, length, shape.Hidden), ref at));
    }

    private Tensor FeedForward(Tensor hidden, ref int at)
    {
        var wide = nn.functional.gelu(Linear(hidden, ref at));
        return Drop(Linear(wide, ref at));
    }

    private Tensor Drop(Tensor hidden) => _dropout > 0 ? nn.functional.dropout(hidden, _dropout, training: true) : hidden;
}
