using Gemini.Grains.Hosts;
using Gemini.Silo.Configuration;
using Gemini.Silo.Memory;
using Gemini.Silo.Trainers;
using Gemini.Silo.Transfer;

namespace Gemini.Silo.Hosting;

/// <summary>
/// The order in which a host comes up and goes down around its silo. Coming up: memory, data port and trainers start while the silo still joins the
/// cluster, because trainers take longest to start; the agent starts once the silo is a member. Going down: trainers leave first. The segments stay
/// for the next start, or, if the job is finished, as its last state. A host may go down at any point while it comes up.
/// </summary>
internal sealed partial class HostLifetime(
    HostConfiguration configuration, StopSignals signals, HostMemory memory, DataPort dataPort, TransferRehearsal rehearsal, TrainerSupervisor trainers,
    WorkerAgent agent, IHostApplicationLifetime application, ILogger<HostLifetime> logger)
    : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _agent = Task.CompletedTask;
    private Task _rehearsal = Task.CompletedTask;

    /// <summary>Why this host could not continue; null if nothing ended it from within.</summary>
    public HostLoopEnd? End { get; private set; }

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        memory.Adopt();
        await dataPort.StartAsync(configuration.Host.DataEndpoint());
        trainers.Start();
        // A start that is stopped may still take a while. So tell the trainers at once; StoppingAsync awaits them.
        cancellationToken.Register(() => _ = EndTrainersAsync());
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _agent = RunAgentAsync();
        // Not earlier: while the silo joins and trainers start, both need the processor.
        _rehearsal = Task.Run(() => rehearsal.RunAsync(_stop.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await EndTrainersAsync();
        await agent.DisposeAsync();
        await dataPort.DisposeAsync();
        await Task.WhenAll(_agent, _rehearsal).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAgentAsync()
    {
        if (await agent.RunAsync(_stop.Token) is not { } end) return;
        LogFatal(end.Reason);
        End = end;
        application.StopApplication();
    }

    /// <summary>Tells the trainers to exit, or leaves them to the next silo. May be called at any time, and again.</summary>
    private Task EndTrainersAsync() => signals.Restart.IsCancellationRequested ? trainers.DetachAsync() : trainers.ShutdownAsync("the host stops");

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stop.Dispose();

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (configuration.StopWhenInputEnds) memory.DeleteAll();
        else memory.Dispose();
        return Task.CompletedTask;
    }

    [LoggerMessage(EventIds.HostFatal, LogLevel.Critical, "This host cannot take part: {Error}")]
    private partial void LogFatal(string error);
}
