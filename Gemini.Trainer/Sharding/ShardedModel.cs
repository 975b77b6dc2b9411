using Gemini.Trainer.Client.Collectives;
using Gemini.Trainer.Client.Native;
using Gemini.Trainer.Models;
using TorchSharp;

namespace Gemini.Trainer.Sharding;

/// <summary>A model whose full parameters and gradients are valid only during a step. Between steps only the shards are valid.</summary>
/// <remarks>
/// One step is <see cref="GatherParameters"/>, <see cref="ForwardBackward"/>, <see cref="ReduceScatterGradients"/>. Each begins by overwriting its
/// results. So if a lost peer ends a step half-way, nothing of it remains: start the step again on a new ring.
/// </remarks>
internal sealed class ShardedModel : IDisposable
{
    private readonly ShardState _state;
    private readonly torch.Device _device;
    private readonly Gpt2 _model;
    private readonly torch.Tensor _hostParameters;
    private readonly torch.Tensor _hostGradients;
    private readonly torch.Tensor _parameters;
    private readonly torch.Tensor _gradients;

    /// <param name="parameters">The model.</param>
    /// <param name="state">This rank's shard. The caller owns it.</param>
    /// <param name="dropout">Probability of dropping an activation.</param>
    /// <param name="device">Where the model computes. Collectives and the optimizer work in host memory.</param>
    public ShardedModel(ParameterLayout parameters, ShardState state, double dropout, torch.Device device)
    {
        (_state, _device) = (state, device);
        _hostParameters = torch.zeros(state.Layout.PaddedCount);
        _hostGradients = torch.zeros(state.Layout.PaddedCount);
        _parameters = _hostParameters.to(device); // On the CPU these are the same memory.
        _gradients = _hostGradients.to(device);
        GradientShard = torch.zeros(state.Layout.ShardCount);
        _model = new Gpt2(parameters, _parameters, _gradients, dropout);
    }

    /// <summary>This rank's gradients, summed over all ranks, after <see cref="ReduceScatterGradients"/>. fp32 in host memory.</summary>
    public torch.Tensor GradientShard { get; }

    /// <summary>Gathers all ranks' shards in the model.</summary>
    /// <exception cref="CollectiveException">The collective was aborted, or a neighbour was lost.</exception>
    public unsafe void GatherParameters(Ring ring)
    {
        using var noGradient = torch.no_grad();
        using (var own = _hostParameters.narrow(0, _state.Layout.ShardOffset, _state.Layout.ShardCount)) own.copy_(_state.Parameters);
        ring.AllGather((float*)TensorMemory.AddressOf(_hostParameters), _state.Layout.ShardCount);
        if (_device.type != DeviceType.CPU) _parameters.copy_(_hostParameters);
    }

    /// <summary>Computes this rank's gradients.</summary>
    /// <param name="inputs">int64, batch × length.</param>
    /// <param name="targets">The token that follows each input.</param>
    /// <returns>This rank's mean loss in nats per token.</returns>
    public float ForwardBackward(torch.Tensor inputs, torch.Tensor targets)
    {
        using (torch.no_grad()) _gradients.zero_();
        using var scope = torch.NewDisposeScope();
        var loss = _model.Loss(inputs.to(_device), targets.to(_device));
        loss.backward();
        return loss.item<float>();
    }

    /// <summary>Sums all ranks' gradients into <see cref="GradientShard"/>.</summary>
    /// <exception cref="CollectiveException">The collective was aborted, or a neighbour was lost.</exception>
    public unsafe void ReduceScatterGradients(Ring ring)
    {
        using var noGradient = torch.no_grad();
        if (_device.type != DeviceType.CPU) _hostGradients.copy_(_gradients);
        ring.ReduceScatter(
            (float*)TensorMemory.AddressOf(_hostGradients), _state.Layout.ShardCount, (float*)TensorMemory.AddressOf(GradientShard));
    }

    public void Dispose()
    {
        _model.Dispose();
        foreach (var tensor in (torch.Tensor[])[_parameters, _gradients, _hostParameters, _hostGradients, GradientShard]) tensor.Dispose();
    }
}
