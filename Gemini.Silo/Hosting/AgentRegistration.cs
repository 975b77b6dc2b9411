using Gemini.Grains.Hosts;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Gemini.Silo.Memory;
using Gemini.Silo.Persistence;
using Gemini.Silo.Trainers;

namespace Gemini.Silo.Hosting;

/// <summary>Registers the worker agent. The agent uses the other rooms through its ports.</summary>
internal static class AgentRegistration
{
    /// <summary>Adds the agent. It uses memory, scrubber, transfer, trainers and storage.</summary>
    public static IServiceCollection AddGeminiAgent(this IServiceCollection services, HostConfiguration configuration) => services
        .AddSingleton(provider => IdentityOf(configuration, provider.GetRequiredService<ILocalSiloDetails>()))
        .AddSingleton<HostState>()
        .AddSingleton<IHostMemory>(provider => provider.GetRequiredService<HostMemory>())
        .AddSingleton<ITrainers>(provider => provider.GetRequiredService<TrainerSupervisor>())
        .AddSingleton<IStorageTier>(provider => provider.GetRequiredService<HostStorage>())
        .AddSingleton<IControlPlane, ControlPlane>()
        .AddSingleton<IBackgroundWork, BackgroundWork>()
        .AddSingleton<WorkerAgentPorts>()
        .AddSingleton<WorkerAgent>()
        .AddSingleton<IWorkerService>(provider => provider.GetRequiredService<WorkerAgent>());

    private static HostIdentity IdentityOf(HostConfiguration configuration, ILocalSiloDetails silo)
    {
        var host = configuration.Host;
        var web = host.WebPort > 0 ? $"http://{host.EndpointOf(host.WebPort)}" : "";
        var data = host.DataEndpoint().ToString();
        return new HostIdentity(new HostName(host.Name), silo.SiloAddress.Generation, data, web)
        {
            ProcessId = Environment.ProcessId,
            Labels = configuration.OwnLabels(),
        };
    }
}
