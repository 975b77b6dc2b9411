using TorchSharp;

namespace Gemini.Trainer.Sharding;

/// <summary>The training state that one rank owns: all that a fresh process needs to continue bit for bit.</summary>
/// <remarks>
/// <para>12 bytes a parameter, plus the state of torch's random numbers. The tensors are contiguous CPU memory, allocated once: their
/// addresses hold for the life of this object, so they can be copied from and loaded into without a serialiser.</para>
/// <para>The state changes only inside <see cref="TrainingStep.ApplyOptimizer"/>. Between two such calls it may be read from any thread:
/// that is the interval in which a checkpoint is captured. In particular <see cref="RngState"/> stays what it was at the end of the
/// step, although the next forward pass already draws random numbers.</para>
/// <para>To restore: write into <see cref="Tensors"/>, and set <see cref="Step"/> and <see cref="DataPosition"/>. Nothing else has to be
/// called: each step starts from this state, random numbers included.</para>
/// </remarks>
internal sealed class ShardState : IDisposable
{
    public ShardState(ShardLayout layout)
    {
        Layout = layout;
        Parameters = torch.zeros(layout.ShardCount);
        ExpAvg = torch.zeros(layout.ShardCount);
        ExpAvgSq = torch.zeros(layout.ShardCount);
        RngState = torch.get_rng_state();
    }

    public ShardLayout Layout { get; }

    /// <summary>This rank's parameters: fp32, <c>Layout.ShardCount</c> elements.</summary>
    public torch.Tensor Parameters { get; }

    /// <summary>Adam's running mean of gradients, like <see cref="Parameters"/>.</summary>
    public torch.Tensor ExpAvg { get; }

    /// <summary>Adam's running mean of squared gradients, like <see cref="Parameters"/>.</summary>
    public torch.Tensor ExpAvgSq { get; }

    /// <summary>State of torch's CPU random numbers at the end of the last step: bytes, of a size that torch fixes.</summary>
    public torch.Tensor RngState { get; }

    /// <summary>Optimizer steps done.</summary>
    public long Step { get; set; }

    /// <summary>Training samples that all ranks together have used.</summary>
    public long DataPosition { get; set; }

    /// <summary>The tensors under their names in a checkpoint, always in this order. They stay this object's.</summary>
    public IReadOnlyList<(string Name, torch.Tensor Tensor)> Tensors =>
        [("parameters", Parameters), ("exp_avg", ExpAvg), ("exp_avg_sq", ExpAvgSq), ("rng_state", RngState)];

    /// <summary>Takes torch's random number state into <see cref="RngState"/>.</summary>
    public void CaptureRng()
    {
        using var now = torch.get_rng_state();
        RngState.copy_(now);
    }

    /// <summary>Makes torch's random numbers continue from <see cref="RngState"/>.</summary>
    public void ResumeRng() => torch.set_rng_state(RngState);

    public void Dispose()
    {
        foreach (var (_, tensor) in Tensors) tensor.Dispose();
    }
}
