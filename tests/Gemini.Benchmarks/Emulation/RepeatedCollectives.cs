using Gemini.Trainer.Sharding;
using TorchSharp;

namespace Gemini.Benchmarks.Emulation;

/// <summary>Moves the bytes of each collective several times, as an iteration of several micro-batches does. The results are those of one time.</summary>
/// <param name="inner">Moves them.</param>
/// <param name="repeats">How often. At least 1.</param>
internal sealed class RepeatedCollectives(ICollectives inner, int repeats) : ICollectives
{
    public void AllGather(torch.Tensor own, torch.Tensor full)
    {
        for (var time = 0; time < repeats; time++) inner.AllGather(own, full);
    }

    public void ReduceScatter(torch.Tensor full, torch.Tensor own)
    {
        inner.ReduceScatter(full, own);
        using var noGradient = torch.no_grad();
        using torch.Tensor unused = torch.zeros_like(full), part = torch.zeros_like(own);
        for (var time = 1; time < repeats; time++) inner.ReduceScatter(unused, part);
    }

    public double AllReduceSum(double value) => inner.AllReduceSum(value);
}
