using System.Net;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;
using Gemini.Silo.Registration;
using Gemini.Silo.Sockets;

namespace Gemini.Silo.Transfer;

/// <summary>Registration of the data port, and of the clients of other hosts' data ports.</summary>
internal static class TransferRegistration
{
    /// <summary>Adds the room. The caller registers <see cref="JobSecret"/>, <see cref="JobSpec"/> and <see cref="HostState"/>.</summary>
    /// <param name="services">Receives it.</param>
    /// <param name="self">This host.</param>
    /// <param name="options">The limits of transfers.</param>
    /// <param name="ownAddress">The address from which connections to other hosts begin; null: the operating system chooses.</param>
    public static IServiceCollection AddGeminiTransfer(
        this IServiceCollection services, HostName self, TransferOptions options, IPAddress? ownAddress = null) => services
        .AddRoomOptions(options, TransferOptionsValidator.Validate)
        .AddSingleton<TransferCounters>()
        .AddSingleton<ProbeTurn>()
        .AddSingleton(provider => new DataConnector(
            provider.GetRequiredService<JobSecret>(), provider.GetRequiredService<JobSpec>().Name, provider.Options<TransferOptions>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<TransferCounters>(),
            OwnInterface.SocketsAt(ownAddress), provider.GetRequiredService<JobSpec>().Checkpoints().IsMarked))
        .AddSingleton(provider => new TrafficFeedback(
            provider.Options<TransferOptions>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<TrafficFeedback>>()))
        .AddSingleton(provider => new TrainingNetwork(
            [.. Enumerable.Range(0, provider.GetRequiredService<JobSpec>().RanksPerHost).Select(provider.GetRequiredService<HostPaths>().NetworkPage)],
            provider.Options<TransferOptions>().ProfileIterations, provider.GetRequiredService<TrafficFeedback>(),
            provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new TrafficGate(
            provider.GetRequiredService<JobSpec>().Checkpoints(), provider.GetRequiredService<TrainingNetwork>(),
            provider.GetRequiredService<TrafficFeedback>(), provider.Options<TransferOptions>(), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new DataPort(
            provider.GetRequiredService<HostMemory>(), provider.GetRequiredService<JobSecret>(), provider.GetRequiredService<JobSpec>().Name,
            provider.Options<TransferOptions>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<TransferCounters>(),
            provider.GetRequiredService<ProbeTurn>(), provider.GetRequiredService<ILogger<DataPort>>()))
        .AddSingleton(provider => new TransferRehearsal(
            provider.GetRequiredService<JobSpec>().Checkpoints(), provider.Options<TransferOptions>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<TransferRehearsal>>()))
        .AddSingleton<ReplicaFetcher>()
        .AddSingleton<IReplicaLinks>(provider => ActivatorUtilities.CreateInstance<ReplicaSenders>(provider, self))
        .AddSingleton<ICopySource>(provider => provider.GetRequiredService<ReplicaFetcher>())
        .AddSingleton<IChunkSource, PeerChunks>();
}
