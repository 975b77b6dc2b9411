using System.Net;
using Gemini.Silo.Agent;
using Gemini.Silo.Configuration;
using Gemini.Silo.Memory;
using Gemini.Silo.Trainers;
using Gemini.Silo.Transfer;

namespace Gemini.Silo.Hosting;

/// <summary>
/// The order in which a host comes up and goes down around its silo. Memory, data port and trainers start while the silo
/// still joins the cluster, because trainers take longest to come up; the agent starts once the silo is a member. Going down,
/// trainers leave first, and the segments stay: for the next start, or, when the job is finished, as its last state.
/// </summary>
internal sealed class HostLifetime(
    HostConfiguration configuration, HostMemory memory, DataPort dataPort, TrainerSupervisor trainers, Replicator replicator, HostAgent agent)
    : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _agent = Task.CompletedTask;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        memory.Adopt();
        await dataPort.StartAsync(new IPEndPoint(IPAddress.Parse(configuration.Host.Address), configuration.Host.DataPort));
        trainers.Start();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _agent = agent.RunAsync(_stop.Token);
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await trainers.ShutdownAsync("the host stops");
        await replicator.DisposeAsync();
        await dataPort.DisposeAsync();
        await _agent.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stop.Dispose();

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (configuration.StopWhenInputEnds) memory.DeleteAll();
        else memory.Dispose();
        return Task.CompletedTask;
    }
}
