using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// A trainer's calls to its host's worker agent: the trainer's side of <see cref="IWorkerAgent"/>. Throws a <see cref="SiloUnreachableException"/> if
/// the silo cannot be reached now. Other exceptions of the silo pass through unchanged.
/// </summary>
internal interface ITrainerCalls : IAsyncDisposable
{
    /// <summary>Connects and makes a trial call, so that the calls of the first recovery are fast. Changes nothing in the job.</summary>
    Task WarmUpAsync();

    Task<TrainerMembership?> JoinAsync(int localIndex);

    Task DeclareShardAsync(Rank rank, long payloadBytes);

    Task<RestorePoint?> GetRestorePointAsync(Rank rank, Epoch after);

    Task LoadedAsync(Rank rank, Epoch epoch);

    Task<bool> RejectCopyAsync(Rank rank, Epoch epoch, SnapshotId snapshot, string reason);

    Task SealAsync(Rank rank, SnapshotId snapshot, ContentHash hash);

    Task SkipAsync(Rank rank, SnapshotId snapshot);

    Task<bool> StagedAsync(SnapshotId snapshot);
}
