using Gemini.Trainer.Client.Collectives;
using TorchSharp;

namespace Gemini.Trainer.Sharding;

/// <summary>Memory for the parameters or the gradients of one whole unit at a time. Allocated once.</summary>
/// <remarks>Collectives work in host memory, the model computes on its device. On the CPU these are the same memory.</remarks>
internal sealed class UnitBuffer : IDisposable
{
    private readonly torch.Tensor _host;
    private readonly bool _isOnDevice;

    /// <param name="parts">The units that it must be able to hold, one at a time.</param>
    /// <param name="device">Where the model computes.</param>
    public UnitBuffer(IEnumerable<UnitPart> parts, torch.Device device)
    {
        _host = torch.zeros(parts.Max(part => part.PaddedCount));
        _isOnDevice = device.type != DeviceType.CPU;
        Values = _host.to(device);
    }

    /// <summary>fp32 on the model's device, as many elements as the largest padded unit. This object owns it.</summary>
    public torch.Tensor Values { get; }

    /// <summary>Replaces the content by a unit, gathered from all ranks.</summary>
    /// <param name="collectives">The step's.</param>
    /// <param name="part">The unit.</param>
    /// <param name="shard">This rank's shard.</param>
    /// <exception cref="CollectiveException">The collective was aborted, or a neighbour was lost.</exception>
    public void Gather(ICollectives collectives, UnitPart part, torch.Tensor shard)
    {
        using var noGradient = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        collectives.AllGather(part.InShard(shard), Unit(_host, part));
        if (_isOnDevice) Unit(Values, part).copy_(Unit(_host, part));
    }

    /// <summary>Sums a unit over all ranks. The content is undefined afterwards.</summary>
    /// <param name="collectives">The step's.</param>
    /// <param name="part">The unit.</param>
    /// <param name="shard">Receives this rank's part of the sum, at the part's place.</param>
    /// <exception cref="CollectiveException">The collective was aborted, or a neighbour was lost.</exception>
    public void ReduceScatter(ICollectives collectives, UnitPart part, torch.Tensor shard)
    {
        using var noGradient = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        if (_isOnDevice) Unit(_host, part).copy_(Unit(Values, part));
        collectives.ReduceScatter(Unit(_host, part), part.InShard(shard));
    }

    /// <summary>Sets all elements to zero, padding included.</summary>
    public void Clear()
    {
        using var noGradient = torch.no_grad();
        Values.zero_();
    }

    public void Dispose()
    {
        Values.Dispose();
        _host.Dispose();
    }

    private static torch.Tensor Unit(torch.Tensor buffer, UnitPart part) => buffer.narrow(0, 0, part.PaddedCount);
}
