using Orleans.GrainDirectory;

namespace Gemini.Grains.Hosting;

/// <summary>
/// A grain directory that keeps nothing, for grains whose place follows from their key. The default directory deactivates
/// grains on healthy silos when an unrelated silo dies (the registrations it kept are lost); this one has none to lose.
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
