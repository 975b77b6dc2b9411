using Gemini.Interfaces.Model;

namespace Gemini.Silo.Memory;

/// <summary>What a receive is about to write.</summary>
/// <param name="Owner">Whose shard.</param>
/// <param name="Snapshot">Which snapshot; its epoch is the one of its capture.</param>
/// <param name="Epoch">The epoch in which it is sent; at or above the fence, and not below the snapshot's.</param>
/// <param name="Keep">The newest committed iteration that the sender knows; its copy is not overwritten.</param>
/// <param name="PayloadBytes">Size of the payload; equal to the resident shard's.</param>
/// <param name="ChunkBytes">Size of a chunk; equal to the resident shard's.</param>
/// <param name="Origin">Who started it.</param>
internal readonly record struct ReceiveRequest(
    Rank Owner, SnapshotId Snapshot, Epoch Epoch, Iteration Keep, long PayloadBytes, int ChunkBytes, ReceiveOrigin Origin = ReceiveOrigin.Peer);
