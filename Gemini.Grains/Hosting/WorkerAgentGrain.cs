using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Orleans.Concurrency;
using Orleans.GrainDirectory;
using Orleans.Placement;

namespace Gemini.Grains.Hosting;

/// <summary>The worker agent of one host: an address for its <see cref="IHostRuntime"/>. Pinned; never moves.</summary>
[HostPinned, GrainDirectory(NoDirectory.Name), KeepAlive, Immovable, Reentrant]
public sealed class WorkerAgentGrain(IHostRuntime host) : Grain, IWorkerAgent
{
    /// <summary>A second check, after the placement director: an agent never answers for another host.</summary>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = new HostName(this.GetPrimaryKeyString());
        return key == host.Host ? Task.CompletedTask : throw new HostUnavailableException(key);
    }

    public Task<HostReport> DirectAsync(HostDirective directive) => Task.FromResult(host.Direct(directive));

    public Task CommitAsync(Epoch epoch, Iteration iteration)
    {
        host.Commit(epoch, iteration);
        return Task.CompletedTask;
    }

    public Task AbandonAsync(Epoch epoch, Iteration iteration)
    {
        host.Abandon(epoch, iteration);
        return Task.CompletedTask;
    }

    public Task<TrainerMembership?> JoinAsync(int localIndex) => host.JoinAsync(localIndex);

    public Task DeclareShardAsync(Rank rank, long payloadBytes)
    {
        host.DeclareShard(rank, payloadBytes);
        return Task.CompletedTask;
    }

    public Task<RestorePoint?> GetRestorePointAsync(Rank rank, Epoch after) => host.GetRestorePointAsync(rank, after);

    public Task LoadedAsync(Rank rank, Epoch epoch)
    {
        host.Loaded(rank, epoch);
        return Task.CompletedTask;
    }

    public Task<bool> RejectCopyAsync(Rank rank, Epoch epoch, SnapshotId snapshot, string reason) =>
        host.RejectCopyAsync(rank, epoch, snapshot, reason);

    public Task SealAsync(Rank rank, SnapshotId snapshot, ContentHash hash)
    {
        host.Seal(rank, snapshot, hash);
        return Task.CompletedTask;
    }

    public Task SkipAsync(Rank rank, SnapshotId snapshot)
    {
        host.Skip(rank, snapshot);
        return Task.CompletedTask;
    }

    public Task<bool> StagedAsync(SnapshotId snapshot) => host.StagedAsync(snapshot);
}
