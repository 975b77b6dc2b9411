using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// What a trainer asks of its host's worker agent; the trainer's side of <see cref="IWorkerAgent"/>. Throws a
/// <see cref="SiloUnreachableException"/> when the silo cannot be reached now, and passes its refusals on as they are.
/// </summary>
internal interface ITrainerCalls : IAsyncDisposable
{
    /// <summary>Connects, and makes every kind of call cheap that the first recovery needs. Changes nothing anywhere.</summary>
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
