using Gemini.Grains.Hosting;
using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Gemini.Grains.Tests.Hosting;

/// <summary>Silos in this process, one per host of the job. Each has a worker agent that only records the calls to it.</summary>
public sealed class OneSiloPerHostCluster : IAsyncLifetime
{
    private InProcessTestCluster? _cluster;

    public InProcessTestCluster Cluster => _cluster!;

    public JobSpec Job { get; private set; } = null!;

    public IGrainFactory Grains => Cluster.Client;

    public IReadOnlyList<HostName> Hosts => [.. Cluster.Silos.Select(silo => new HostName(silo.Name))];

    public RecordingAgent AgentOf(HostName host) =>
        Cluster.GetSiloServiceProvider(Cluster.Silos.Single(silo => silo.Name == host.Value).SiloAddress).GetRequiredService<RecordingAgent>();

    /// <summary>The storage of the root agent's record.</summary>
    public IGrainStorage Records =>
        Cluster.GetSiloServiceProvider(Cluster.Silos[0].SiloAddress).GetRequiredKeyedService<IGrainStorage>(GeminiGrains.RecordStorage);

    public async Task<GrainState<RootRecord>> ReadRecordAsync()
    {
        var read = new GrainState<RootRecord>();
        await Records.ReadStateAsync(RootAgent.RecordName, RootAgent.GrainIdOf(Job.Name), read);
        return read;
    }

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(2);
        Job = new JobSpec { Name = "job", Hosts = [new("Silo_0"), new("Silo_1")], Replicas = 2 };
        builder.ConfigureSilo((options, silo) =>
        {
            silo.AddJob(Job, options.SiloName);
            silo.AddMemoryGrainStorage(GeminiGrains.RecordStorage);
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }
}
