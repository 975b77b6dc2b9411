using Gemini.Grains.Hosting;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Orleans.Concurrency;
using Orleans.GrainDirectory;
using Orleans.Placement;

namespace Gemini.Grains.Hosts;

/// <summary>The address of the worker agent on this silo. State that must survive the grain is in the agent. Pinned; never moves.</summary>
[HostPinned, GrainDirectory(NoDirectory.Name), KeepAlive, Immovable, Reentrant]
public sealed class WorkerAgentGrain(IWorkerService agent, HostIdentity host) : Grain, IWorkerAgent
{
    /// <summary>A second check, after the placement director: an agent never answers for another host.</summary>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = new HostName(this.GetPrimaryKeyString());
        return key == host.Name ? Task.CompletedTask : throw new HostUnavailableException(key);
    }

    public Task<HostReport> DirectAsync(HostDirective directive) => agent.DirectAsync(directive);

    public Task CommitAsync(Epoch epoch, Iteration iteration) => agent.CommitAsync(epoch, iteration);

    public Task AbandonAsync(Epoch epoch, Iteration iteration) => agent.AbandonAsync(epoch, iteration);

    public Task<TrainerMembership?> JoinAsync(int localIndex) => agent.JoinAsync(localIndex);

    public Task DeclareShardAsync(Rank rank, long payloadBytes) => agent.DeclareShardAsync(rank, payloadBytes);

    public Task<RestorePoint?> GetRestorePointAsync(Rank rank, Epoch after) => agent.GetRestorePointAsync(rank, after);

    public Task LoadedAsync(Rank rank, Epoch epoch) => agent.LoadedAsync(rank, epoch);

    public Task<bool> RejectCopyAsync(Rank rank, Epoch epoch, SnapshotId snapshot, string reason) =>
        agent.RejectCopyAsync(rank, epoch, snapshot, reason);

    public Task SealAsync(Rank rank, SnapshotId snapshot, ContentHash hash) => agent.SealAsync(rank, snapshot, hash);

    public Task SkipAsync(Rank rank, SnapshotId snapshot) => agent.SkipAsync(rank, snapshot);

    public Task<bool> StagedAsync(SnapshotId snapshot) => agent.StagedAsync(snapshot);
}
