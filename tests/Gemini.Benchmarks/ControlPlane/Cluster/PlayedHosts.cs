using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;
using Microsoft.Extensions.DependencyInjection;

namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>The hosts of one silo process.</summary>
/// <param name="services">Of the silo.</param>
/// <param name="end">Ends their loops.</param>
internal sealed class PlayedHosts(IServiceProvider services, CancellationToken end) : IAsyncDisposable
{
    private List<Task> _agents = [];

    public IReadOnlyList<PlayedHost> All { get; } = [.. services.GetRequiredService<IReadOnlyDictionary<HostName, PlayedHost>>().Values];

    public static IReadOnlyDictionary<HostName, PlayedHost> Make(PlayedSiloSettings settings, IServiceProvider services)
    {
        var (job, controlPlane) = (services.GetRequiredService<JobSpec>(), services.GetRequiredService<IControlPlane>());
        var generation = services.GetRequiredService<ILocalSiloDetails>().SiloAddress.Generation;
        return settings.OwnHosts().ToDictionary(name => name, name => new PlayedHost(name, generation, job, controlPlane, PlayedTraining.Period));
    }

    /// <summary>Starts all agents. Returns the milliseconds until the last host trains.</summary>
    public async Task<double> FormAsync()
    {
        var begun = TimeProvider.System.GetTimestamp();
        _agents = [.. All.Select(RunAsync)];
        var begins = Task.WhenAll(All.Select(host => host.BeginAsync(end)));
        await await Task.WhenAny([begins, .. _agents]);
        await begins;
        return TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in All) await host.DisposeAsync();
    }

    private async Task RunAsync(PlayedHost host)
    {
        if (await host.Agent.RunAsync(end) is not { } ended) return;
        await Console.Error.WriteLineAsync($"{host.Identity.Name}: {ended.Reason}");
        throw new LabException($"{host.Identity.Name} cannot continue: {ended.Reason}");
    }
}
