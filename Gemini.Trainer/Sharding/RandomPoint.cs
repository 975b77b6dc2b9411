using TorchSharp;

namespace Gemini.Trainer.Sharding;

/// <summary>A point in torch's random numbers to which they can return, so that a block drops the same activations when it is computed again.</summary>
/// <remarks>
/// Like <c>preserve_rng_state</c> of <c>torch.utils.checkpoint</c>. TorchSharp can read and set only the CPU's generator. So at each point the
/// generators of accelerators begin anew, with a seed that is drawn from the CPU's generator, and <see cref="ShardState.RngState"/> determines them too.
/// </remarks>
internal sealed class RandomPoint : IDisposable
{
    private readonly torch.Device _device;
    private readonly torch.Tensor _cpu = torch.get_rng_state();

    private RandomPoint(torch.Device device) => _device = device;

    /// <summary>The point at which the random numbers are now.</summary>
    /// <param name="device">Where the model computes.</param>
    public static RandomPoint Mark(torch.Device device)
    {
        var point = new RandomPoint(device);
        point.SeedDevice();
        return point;
    }

    /// <summary>Lets the random numbers continue as they did after <see cref="Mark"/>.</summary>
    public void Resume()
    {
        torch.set_rng_state(_cpu);
        SeedDevice();
    }

    public void Dispose() => _cpu.Dispose();

    private void SeedDevice()
    {
        if (_device.type == DeviceType.CPU) return;
        using var seed = torch.randint(0L, long.MaxValue, [1L], torch.int64);
        torch.cuda.manual_seed_all(seed.item<long>());
    }
}
