using Gemini.Grains.Health;
using Gemini.Grains.Hosting;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Gemini.Grains.Tests.Hosting;

/// <summary>Silos in this process, one per host of the job, each with a host runtime that only remembers what it is told.</summary>
public sealed class OneSiloPerHostCluster : IAsyncLifetime
{
    private InProcessTestCluster? _cluster;

    public InProcessTestCluster Cluster => _cluster!;

    public JobSpec Job { get; private set; } = null!;

    public IGrainFactory Grains => Cluster.Client;

    public IReadOnlyList<HostName> Hosts => [.. Cluster.Silos.Select(silo => new HostName(silo.Name))];

    public RecordingHostRuntime RuntimeOf(HostName host) =>
        Cluster.GetSiloServiceProvider(Cluster.Silos.Single(silo => silo.Name == host.Value).SiloAddress).GetRequiredService<RecordingHostRuntime>();

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(2);
        Job = new JobSpec { Name = "job", Hosts = [new("Silo_0"), new("Silo_1")], Replicas = 2 };
        builder.ConfigureSilo((options, silo) =>
        {
            silo.AddGeminiGrains(Job);
            silo.AddMemoryGrainStorage(GeminiGrains.RecordStorage);
            silo.Services.AddSingleton(TimeProvider.System);
            silo.Services.AddSingleton<ITrainerProbe, UnknownTrainers>();
            silo.Services.AddSingleton(new RecordingHostRuntime(new HostName(options.SiloName), Job));
            silo.Services.AddSingleton<IHostRuntime>(services => services.GetRequiredService<RecordingHostRuntime>());
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }
}
