using Gemini.Trainer.Client.Collectives;
using TorchSharp;

namespace Gemini.Trainer.Sharding;

/// <summary>The collectives of a training step. All ranks must call the same ones in the same order with the same sizes.</summary>
/// <remarks>Tensors are 1-dimensional, contiguous, fp32 and in host memory. Each throws a <see cref="CollectiveException"/> if a peer was lost.</remarks>
internal interface ICollectives
{
    /// <summary>Brings every rank's part to every rank.</summary>
    /// <param name="own">This rank's part. It is only read.</param>
    /// <param name="full">N times as many elements. Receives the parts of all ranks, by rank.</param>
    void AllGather(torch.Tensor own, torch.Tensor full);

    /// <summary>Sums over all ranks; each rank gets its part of the sum.</summary>
    /// <param name="full">This rank's summands. Contains partial sums afterwards.</param>
    /// <param name="own">Receives this rank's part: 1/N of the elements.</param>
    void ReduceScatter(torch.Tensor full, torch.Tensor own);

    /// <summary>The sum of every rank's <paramref name="value"/>, the same bits on every rank.</summary>
    double AllReduceSum(double value);
}
