using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosting;

/// <summary>
/// Carries out the calls to a host's grain. The grain is only an address; state that must survive the grain lives behind this interface. For what
/// each method means, see the method of <see cref="IWorkerAgent"/> with the same name, there with the suffix Async.
/// </summary>
public interface IHostRuntime
{
    HostName Host { get; }

    HostReport Direct(HostDirective directive);

    void Commit(Epoch epoch, Iteration iteration);

    void Abandon(Epoch epoch, Iteration iteration);

    Task<TrainerMembership?> JoinAsync(int localIndex);

    void DeclareShard(Rank rank, long payloadBytes);

    Task<RestorePoint?> GetRestorePointAsync(Rank rank, Epoch after);

    void Loaded(Rank rank, Epoch epoch);

    Task<bool> RejectCopyAsync(Rank rank, Epoch epoch, SnapshotId snapshot, string reason);

    void Seal(Rank rank, SnapshotId snapshot, ContentHash hash);

    void Skip(Rank rank, SnapshotId snapshot);

    Task<bool> StagedAsync(SnapshotId snapshot);
}
