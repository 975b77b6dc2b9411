using TorchSharp;

namespace Gemini.Trainer.Data;

/// <summary>The samples of one rank and step. All tensors are int64; the caller disposes the batch.</summary>
/// <param name="Inputs">Tokens, batch × length.</param>
/// <param name="Targets">
/// The right tokens: batch × length if every token's successor is predicted, otherwise one for each element of <see cref="Masked"/>.
/// </param>
internal sealed record Batch(torch.Tensor Inputs, torch.Tensor Targets) : IDisposable
{
    /// <summary>For masked tokens: where they are in the flattened <see cref="Inputs"/>, ascending.</summary>
    public torch.Tensor? Masked { get; init; }

    /// <summary>For pairs of texts: 0 where the first text is, 1 where the second is; batch × length.</summary>
    public torch.Tensor? Segments { get; init; }

    /// <summary>For pairs of texts: 0 if the second follows the first in the training text ("IsNext"), otherwise 1 ("NotNext"); one for each pair.</summary>
    public torch.Tensor? NotNext { get; init; }

    /// <summary>The same samples where the model computes.</summary>
    public Batch To(torch.Device device) => new(Inputs.to(device), Targets.to(device))
    {
        Masked = Masked?.to(device),
        Segments = Segments?.to(device),
        NotNext = NotNext?.to(device),
    };

    public void Dispose()
    {
        foreach (var tensor in (torch.Tensor?[])[Inputs, Targets, Masked, Segments, NotNext]) tensor?.Dispose();
    }
}
