using Gemini.Interfaces.Presets;
using TorchSharp;
using static TorchSharp.torch;

namespace Gemini.Trainer.Models;

/// <summary>GPT-2: pre-norm transformer decoder with learned positions and a tied output head, in pieces that are computed one after the other.</summary>
/// <remarks>
/// Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.3. The whole model is
/// <code>
/// hidden = Embed(embedding, inputs);
/// foreach (block) hidden = Block(block, hidden);
/// loss = Loss(embedding, hidden, targets);
/// </code>
/// The model owns no parameters. Each piece gets those of its unit, in the order of the unit's slots: <see cref="UnitTensors.Parameters"/>. Each piece
/// returns a tensor that the caller disposes. Hidden states are fp32, batch × length × <see cref="ModelShape.Hidden"/>.
/// </remarks>
/// <param name="shape">The model's numbers.</param>
/// <param name="dropout">Probability of dropping an activation, from 0 (off) to below 1. Uses torch's global random numbers.</param>
internal sealed class Gpt2(ModelShape shape, double dropout) : IDisposable
{
    private readonly Scalar _one = 1.ToScalar();

    /// <summary>The first hidden state: the sum of token and position embedding.</summary>
    /// <remarks>The graph behind the result keeps the tokens and what dropout dropped, but no parameter's value: a backward pass needs none.</remarks>
    /// <param name="embedding">Parameters of the embedding unit.</param>
    /// <param name="inputs">int64, batch × length, values below the vocabulary; length at most the model's context.</param>
    public Tensor Embed(IReadOnlyList<Tensor> embedding, Tensor inputs)
    {
        using var scope = NewDisposeScope();
        var positions = embedding[1].narrow(0, 0, inputs.size(1));
        var tokens = embedding[0].index_select(0, inputs.reshape(-1)).view(inputs.size(0), inputs.size(1), shape.Hidden);
        return Drop(Sum(tokens, positions)).MoveToOuterDisposeScope();
    }

    /// <summary>The hidden state after one block.</summary>
    /// <param name="block">Parameters of the block's unit.</param>
    /// <param name="hidden">The hidden state before the block.</param>
    public Tensor Block(IReadOnlyList<Tensor> block, Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var at = 0;
        var middle = Sum(hidden, Attention(Norm(hidden, block, ref at), block, ref at));
        return Sum(middle, FeedForward(Norm(middle, block, ref at), block, ref at)).MoveToOuterDisposeScope();
    }

    /// <summary>Mean cross-entropy of predicting each token's successor, in nats per token. A scalar.</summary>
    /// <param name="embedding">Parameters of the embedding unit.</param>
    /// <param name="hidden">The hidden state after the last block.</param>
    /// <param name="targets">int64, batch × length: the token that follows each input.</param>
    public Tensor Loss(IReadOnlyList<Tensor> embedding, Tensor hidden, Tensor targets)
    {
        using var logits = Logits(embedding, hidden);
        using var rows = logits.view(-1, shape.Vocabulary);
        using var flatTargets = targets.view(-1);
        return nn.functional.cross_entropy(rows, flatTargets);
    }

    /// <summary>The output head: logits, batch × length × vocabulary.</summary>
    /// <param name="embedding">Parameters of the embedding unit.</param>
    /// <param name="hidden">The hidden state after the last block.</param>
    public Tensor Logits(IReadOnlyList<Tensor> embedding, Tensor hidden)
    {
        var at = 2;
        using var normed = Norm(hidden, embedding, ref at);
        return nn.functional.linear(normed, embedding[0]);
    }

    public void Dispose() => _one.Dispose();

    // The following methods take their parameters in the order of the unit; `at` is the index of the next one.

    private Tensor Sum(Tensor left, Tensor right) => left.add(right, _one);

    private Tensor Norm(Tensor hidden, IReadOnlyList<Tensor> unit, ref int at) =>
        nn.functional.layer_norm(hidden, [shape.Hidden], unit[at++], unit[at++]);

    private static Tensor Linear(Tensor hidden, IReadOnlyList<Tensor> unit, ref int at) => nn.functional.linear(hidden, unit[at++], unit[at++]);

    private Tensor Attention(Tensor hidden, IReadOnlyList<Tensor> unit, ref int at)
    {
        long batch = hidden.size(0), length = hidden.size(1);
        // batch × length × 3 × heads × width  →  3 × batch × heads × length × width
        var heads = Linear(hidden, unit, ref at).view(batch, length, 3, shape.Heads, shape.Hidden / shape.Heads).permute(2, 0, 3, 1, 4);
        var mixed = nn.functional.scaled_dot_product_attention(heads[0], heads[1], heads[2], p: dropout, is_casual: true);
        return Drop(Linear(mixed.transpose(1, 2).reshape(batch, length, shape.Hidden), unit, ref at));
    }

    private Tensor FeedForward(Tensor hidden, IReadOnlyList<Tensor> unit, ref int at)
    {
        var wide = nn.functional.gelu(Linear(hidden, unit, ref at));
        return Drop(Linear(wide, unit, ref at));
    }

    private Tensor Drop(Tensor hidden) => dropout > 0 ? nn.functional.dropout(hidden, dropout, training: true) : hidden;
}
