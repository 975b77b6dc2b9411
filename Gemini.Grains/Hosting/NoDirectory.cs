using Orleans.GrainDirectory;

namespace Gemini.Grains.Hosting;

/// <summary>
/// A grain directory that stores nothing, for grains whose silo follows from their key. When a silo dies, the default directory loses the entries
/// that were stored on it, and deactivates those grains even on healthy silos. This directory has no entries to lose.
/// </summary>
public sealed class NoDirectory : IGrainDirectory
{
    public const string Name = "none";

    public Task<GrainAddress?> Register(GrainAddress address) => Task.FromResult<GrainAddress?>(address);

    public Task<GrainAddress?> Register(GrainAddress address, GrainAddress? previousAddress) => Task.FromResult<GrainAddress?>(address);

    public Task Unregister(GrainAddress address) => Task.CompletedTask;

    public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult<GrainAddress?>(null);

    public Task UnregisterSilos(List<SiloAddress> siloAddresses) => Task.CompletedTask;
}
