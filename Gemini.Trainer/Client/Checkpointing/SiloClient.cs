using System.Net;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Serialization;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// An Orleans client whose only gateway is the host's own silo. It starts in the background and connects by itself whenever the silo runs. It puts the
/// trainer's mark on every call.
/// </summary>
internal sealed class SiloClient : ISiloClient
{
    private readonly string _host;
    private readonly TimeProvider _time;
    private readonly IHost _client;
    private readonly Task _started;
    private readonly CancellationTokenSource _stop = new();

    public SiloClient(GeminiOptions options)
    {
        _host = options.Host;
        _time = options.TimeProvider;
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering(IPEndPoint.Parse(options.Gateway));
            client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, options.ServiceId));
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = options.CallTimeout);
            client.Configure<ConnectionOptions>(connection => connection.ConnectionRetryDelay = options.ReconnectInterval);
            client.Configure<GatewayOptions>(gateway => gateway.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1));
            client.UseConnectionRetryFilter(async (_, ct) =>
            {
                // Retry without a limit: the trainer socket decides when to stop waiting for the silo.
                await Task.Delay(options.ReconnectInterval, options.TimeProvider, ct);
                return true;
            });
            if (options.SecretFile.Length > 0)
                client.AddOutgoingGrainCallFilter(new TrainerCallMark(new CallMark(JobSecret.Load(options.SecretFile), options.ClusterId)));
            options.ConfigureClient?.Invoke(client);
        });
        _client = builder.Build();
        _started = Task.Run(() => _client.StartAsync(_stop.Token));
    }

    public async Task WarmUpAsync()
    {
        var agent = await AgentAsync();
        var codec = _client.Services.GetRequiredService<Serializer>();
        var (nobody, never) = (new Rank(int.MaxValue), new Epoch(long.MaxValue));
        var job = new JobSpec { Name = "a", Hosts = [new HostName(_host)] };
        _ = codec.Deserialize<TrainerMembership>(codec.SerializeToArray(new TrainerMembership(nobody, WorldSize: 1, job, job.Hosts[0])));
        var point = new RestorePoint { Epoch = never, Snapshot = new SnapshotId(new Iteration(1), never), Slots = ["a", "b"], RingEndpoints = ["a"] };
        _ = codec.Deserialize<RestorePoint>(codec.SerializeToArray(point));
        try
        {
            // Messages about a rank and an epoch that do not exist. They take the same path as real ones; the last answer comes after two seconds.
            await agent.DeclareShardAsync(nobody, payloadBytes: 0);
            await agent.LoadedAsync(nobody, never);
            _ = await agent.GetRestorePointAsync(nobody, never);
        }
        catch (Exception error) when (SiloUnreachableException.IsMeantBy(error))
        {
            // The trainer socket notices if the silo has ended. Even a failed call has loaded the code of the call.
        }
    }

    public async Task<ITrainerService> AgentAsync()
    {
        await _started;
        return _client.Services.GetRequiredService<IGrainFactory>().GetGrain<IWorkerAgent>(_host);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        try
        {
            // Stopping sends a last message to the gateway. A silo that has ended must not delay the trainer's exit.
            await _started;
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), _time);
            await _client.StopAsync(limit.Token);
        }
        catch (Exception)
        {
            // The client never connected, or its silo has ended. This process is about to end.
        }

        _client.Dispose();
        _stop.Dispose();
    }
}
