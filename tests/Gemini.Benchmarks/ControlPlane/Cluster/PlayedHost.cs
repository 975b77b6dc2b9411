using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>
/// A host without bytes: the product's worker agent with all its loops, over a memory that holds names of copies, and a trainer that trains by the
/// clock. Several are in one process.
/// </summary>
internal sealed class PlayedHost : IAsyncDisposable
{
    public const long ShardBytes = 1000;

    private readonly PlayedMemory _memory = new();
    private readonly PlayedTrainer _trainer;
    private Rank _rank;

    public PlayedHost(HostName name, long incarnation, JobSpec job, IControlPlane controlPlane, TimeSpan period)
    {
        Identity = new HostIdentity(name, incarnation, $"10.0.0.1:{name}", "") { ProcessId = Environment.ProcessId };
        _trainer = new PlayedTrainer(name, period);
        var none = new PlayedPorts();
        var ports = new WorkerAgentPorts(_memory, _trainer, none, none, none, controlPlane, none);
        Agent = new WorkerAgent(job, Identity, new HostState(), ports, TimeProvider.System, NullLogger<WorkerAgent>.Instance);
        _trainer.Committed += iteration => Committed?.Invoke(iteration);
    }

    /// <summary>The host knows that an iteration is committed.</summary>
    public event Action<Iteration>? Committed;

    public HostIdentity Identity { get; }

    public WorkerAgent Agent { get; }

    /// <summary>The epoch that it trains in; zero while it does not train.</summary>
    public Epoch Epoch => _trainer.Epoch;

    /// <summary>Joins the job and loads, as a trainer does that has nothing to load. Returns when it trains.</summary>
    public async Task BeginAsync(CancellationToken ct)
    {
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            if (await Agent.JoinAsync(0) is not { } membership) continue;
            _rank = membership.Rank;
            break;
        }

        await Agent.DeclareShardAsync(_rank, ShardBytes);
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            if (await Agent.GetRestorePointAsync(_rank, Epoch.Zero) is not { } point) continue;
            await Agent.LoadedAsync(_rank, point.Epoch);
            return;
        }
    }

    /// <summary>An iteration is finished.</summary>
    public void Finish(Iteration iteration) => _trainer.Finish(_rank, new SnapshotId(iteration, Epoch));

    /// <summary>The own copy of the iteration is complete.</summary>
    public Task SealAsync(Iteration iteration)
    {
        var copy = _memory.SealOwn(_rank, new SnapshotId(iteration, Epoch));
        return Agent.SealAsync(_rank, copy.Snapshot, copy.Hash);
    }

    /// <summary>The copies of other hosts' shards have arrived.</summary>
    public void Receive(Iteration iteration) => _memory.ReceiveHeld(new SnapshotId(iteration, Epoch));

    public ValueTask DisposeAsync() => Agent.DisposeAsync();
}
