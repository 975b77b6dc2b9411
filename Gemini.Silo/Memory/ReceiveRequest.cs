using Gemini.Interfaces.Model;

namespace Gemini.Silo.Memory;

/// <summary>The snapshot that a receive wants to write.</summary>
/// <param name="Owner">The owner of the shard.</param>
/// <param name="Snapshot">The snapshot; its epoch is the one of its capture.</param>
/// <param name="Epoch">The epoch in which it is sent; not below the epoch floor, and not below the snapshot's epoch.</param>
/// <param name="Keep">The newest committed iteration that the sender knows; the receive does not overwrite its copy.</param>
/// <param name="PayloadBytes">Size of the payload; equal to the resident shard's.</param>
/// <param name="ChunkBytes">Size of a chunk; equal to the resident shard's.</param>
/// <param name="Origin">Who started it.</param>
internal readonly record struct ReceiveRequest(
    Rank Owner, SnapshotId Snapshot, Epoch Epoch, Iteration Keep, long PayloadBytes, int ChunkBytes, ReceiveOrigin Origin = ReceiveOrigin.Peer);
