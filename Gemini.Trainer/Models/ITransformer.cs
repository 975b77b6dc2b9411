using Gemini.Interfaces.Presets;
using Gemini.Trainer.Data;
using static TorchSharp.torch;

namespace Gemini.Trainer.Models;

/// <summary>A transformer in pieces that are computed one after the other.</summary>
/// <remarks>
/// The whole model is
/// <code>
/// hidden = Embed(embedding, batch);
/// foreach (block) hidden = Block(block, hidden);
/// loss = Loss(embedding, hidden, batch);
/// </code>
/// The model owns no parameters. Each piece gets those of its unit, in the order of the unit's slots: <see cref="UnitTensors.Parameters"/>. Each piece
/// returns a tensor that the caller disposes. Hidden states are fp32, batch × length × <see cref="ModelShape.Hidden"/>. Dropout uses torch's global
/// random numbers; <see cref="Loss"/> uses none.
/// </remarks>
internal interface ITransformer : IDisposable
{
    /// <summary>The first hidden state.</summary>
    /// <remarks>
    /// The graph behind the result has no memory in common with the parameters' values: when it is used in the backward pass, the memory contains
    /// another unit.
    /// </remarks>
    /// <param name="embedding">Parameters of the embedding unit.</param>
    /// <param name="batch">Tokens below the vocabulary; length at most the model's context.</param>
    Tensor Embed(IReadOnlyList<Tensor> embedding, Batch batch);

    /// <summary>The hidden state after one block.</summary>
    /// <param name="block">Parameters of the block's unit.</param>
    /// <param name="hidden">The hidden state before the block.</param>
    Tensor Block(IReadOnlyList<Tensor> block, Tensor hidden);

    /// <summary>How far the model's predictions are from the batch's targets, in nats. A scalar.</summary>
    /// <param name="embedding">Parameters of the embedding unit.</param>
    /// <param name="hidden">The hidden state after the last block.</param>
    /// <param name="batch">The same batch.</param>
    Tensor Loss(IReadOnlyList<Tensor> embedding, Tensor hidden, Batch batch);
}
