using Gemini.Trainer.Models;
using TorchSharp;

namespace Gemini.Trainer.Sharding;

/// <summary>The training state that one rank owns: everything that a new process needs to continue bit for bit.</summary>
/// <remarks>
/// <para>12 bytes per parameter, plus the state of torch's random numbers. The tensors are contiguous CPU memory, allocated once. Their addresses
/// stay the same for the life of this object, so they can be saved and loaded without a serialiser.</para>
/// <para>In training, the state changes only inside <see cref="TrainingStep.ApplyOptimizer"/>. Between two such calls any thread may read it; in this
/// interval a checkpoint is captured. In particular, <see cref="RngState"/> keeps its value from the end of the step, although the next forward pass
/// already draws random numbers.</para>
/// <para>To restore: write into <see cref="Tensors"/>, and set <see cref="Step"/> and <see cref="DataPosition"/>. No other call is necessary, because
/// each step starts from this state, random numbers included.</para>
/// </remarks>
internal sealed class ShardState : IDisposable
{
    /// <param name="model">The model's name.</param>
    /// <param name="layout">How the model is divided.</param>
    public ShardState(string model, ShardLayout layout)
    {
        (Model, Layout) = (model, layout);
        Parameters = torch.zeros(layout.ShardCount);
        ExpAvg = torch.zeros(layout.ShardCount);
        ExpAvgSq = torch.zeros(layout.ShardCount);
        RngState = torch.get_rng_state();
    }

    /// <summary>The name of the model: a snapshot of another one is not loaded.</summary>
    public string Model { get; }

    public ShardLayout Layout { get; }

    /// <summary>This rank's parameters: fp32, <c>Layout.ShardCount</c> elements.</summary>
    public torch.Tensor Parameters { get; }

    /// <summary>Adam's running mean of gradients, like <see cref="Parameters"/>.</summary>
    public torch.Tensor ExpAvg { get; }

    /// <summary>Adam's running mean of squared gradients, like <see cref="Parameters"/>.</summary>
    public torch.Tensor ExpAvgSq { get; }

    /// <summary>State of torch's CPU random numbers at the end of the last step, as bytes. Torch determines the size.</summary>
    public torch.Tensor RngState { get; }

    /// <summary>Optimizer steps done.</summary>
    public long Step { get; set; }

    /// <summary>Training samples that all ranks together have used.</summary>
    public long DataPosition { get; set; }

    /// <summary>The tensors with their names in a checkpoint, always in this order. This object owns them.</summary>
    public IReadOnlyList<(string Name, torch.Tensor Tensor)> Tensors =>
        [("parameters", Parameters), ("exp_avg", ExpAvg), ("exp_avg_sq", ExpAvgSq), ("rng_state", RngState)];

    /// <summary>Sets this rank's part of a model's initial parameters.</summary>
    /// <param name="parameters">The model that <see cref="Layout"/> divides.</param>
    /// <param name="seed">The same seed gives the same parameters, whatever the number of ranks.</param>
    public void InitializeParameters(ParameterLayout parameters, long seed)
    {
        using var noGradient = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var initial = new InitialParameters(parameters, seed);
        var buffer = torch.empty(Layout.Parts.Max(part => part.PaddedCount));
        foreach (var part in Layout.Parts)
        {
            initial.Draw(buffer);
            part.InShard(Parameters).copy_(part.InUnit(buffer));
        }
    }

    /// <summary>Copies torch's random number state into <see cref="RngState"/>.</summary>
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
