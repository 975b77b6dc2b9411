using Gemini.Trainer.Client.Collectives;
using Gemini.Trainer.Client.Native;
using TorchSharp;

namespace Gemini.Trainer.Sharding;

/// <summary>The collectives of a training step, over a ring.</summary>
/// <param name="ring">The caller owns it.</param>
internal sealed class RingCollectives(Ring ring) : ICollectives
{
    public unsafe void AllGather(torch.Tensor own, torch.Tensor full)
    {
        using var noGradient = torch.no_grad();
        var count = own.numel();
        using (var place = full.narrow(0, ring.Rank * count, count)) place.copy_(own);
        ring.AllGather((float*)TensorMemory.AddressOf(full), count);
    }

    public unsafe void ReduceScatter(torch.Tensor full, torch.Tensor own) =>
        ring.ReduceScatter((float*)TensorMemory.AddressOf(full), own.numel(), (float*)TensorMemory.AddressOf(own));

    public double AllReduceSum(double value) => ring.AllReduceSum(value);
}
