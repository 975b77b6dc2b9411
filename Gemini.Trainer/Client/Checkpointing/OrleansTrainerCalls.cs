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
/// The calls over an Orleans client whose only gateway is the host's own silo. The client starts in the background and connects by itself whenever
/// the silo runs. Calls wait for its first connection.
/// </summary>
internal sealed class OrleansTrainerCalls : ITrainerCalls
{
    private readonly string _host;
    private readonly TimeProvider _time;
    private readonly IHost _client;
    private readonly Task _started;
    private readonly CancellationTokenSource _stop = new();

    public OrleansTrainerCalls(GeminiOptions options)
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
        await _started;
        var codec = _client.Services.GetRequiredService<Serializer>();
        var snapshot = new SnapshotId(new Iteration(1), new Epoch(1));
        var point = new RestorePoint { Epoch = snapshot.Epoch, Snapshot = snapshot, Slots = ["a", "b"], RingEndpoints = ["a"] };
        _ = codec.Deserialize<RestorePoint>(codec.SerializeToArray(point));
        try
        {
            // A question about a rank and an epoch that do not exist. It takes the same path as a real one; the answer comes after two seconds.
            _ = await GetRestorePointAsync(new Rank(int.MaxValue), new Epoch(long.MaxValue));
        }
        catch (SiloUnreachableException)
        {
            // The trainer socket notices if the silo has ended. Even a failed call has loaded the code of the call.
        }
    }

    public Task<TrainerMembership?> JoinAsync(int localIndex) => CallAsync(agent => agent.JoinAsync(localIndex));

    public Task DeclareShardAsync(Rank rank, long payloadBytes) => CallAsync(agent => agent.DeclareShardAsync(rank, payloadBytes));

    public Task<RestorePoint?> GetRestorePointAsync(Rank rank, Epoch after) => CallAsync(agent => agent.GetRestorePointAsync(rank, after));

    public Task LoadedAsync(Rank rank, Epoch epoch) => CallAsync(agent => agent.LoadedAsync(rank, epoch));

    public Task<bool> RejectCopyAsync(Rank rank, Epoch epoch, SnapshotId snapshot, string reason) =>
        CallAsync(agent => agent.RejectCopyAsync(rank, epoch, snapshot, reason));

    public Task SealAsync(Rank rank, SnapshotId snapshot, ContentHash hash) => CallAsync(agent => agent.SealAsync(rank, snapshot, hash));

    public Task SkipAsync(Rank rank, SnapshotId snapshot) => CallAsync(agent => agent.SkipAsync(rank, snapshot));

    public Task<bool> StagedAsync(SnapshotId snapshot) => CallAsync(agent => agent.StagedAsync(snapshot));

    public async ValueTask DisposeAsync()
    {
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

    private Task<bool> CallAsync(Func<IWorkerAgent, Task> call) => CallAsync(async agent =>
    {
        await call(agent);
        return true;
    });

    private async Task<T> CallAsync<T>(Func<IWorkerAgent, Task<T>> call)
    {
        await _started;
        try
        {
            return await call(_client.Services.GetRequiredService<IGrainFactory>().GetGrain<IWorkerAgent>(_host));
        }
        catch (Exception error) when (error is OrleansException or TimeoutException or HostUnavailableException or OperationCanceledException)
        {
            throw new SiloUnreachableException(error.Message, error);
        }
    }
}
