using Gemini.Interfaces.Drills;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// Copies a snapshot from its mapped segment into the live state and checks it: job, owner, size, state, the header's check, snapshot, the hash of
/// the shard, the hash of every chunk, and the names, types, shapes and iteration in the payload's header.
/// </summary>
internal static class ShardLoader
{
    /// <summary>Nothing trains during a load. One thread does not read as fast as memory is, and more than a few read no faster.</summary>
    private const int ThreadsMax = 4;

    /// <summary>Loads the restore point's snapshot. Returns null if it is loaded, else why this copy must not be used.</summary>
    /// <remarks>After a refusal the live state may be a mixture of two states and must not be trained. The next epoch's restore point replaces it.</remarks>
    public static string? Load(MappedSegment segment, string job, Rank rank, SnapshotId snapshot, ContentHash hash, ShardImage image)
    {
        if (CheckHeader(segment, job, rank, snapshot, hash, image.Layout.PayloadBytes) is { } reason) return reason;
        image.BeginFill();
        if (CopyIn(segment, snapshot, image) is { } bad) return $"chunk {bad} of {segment.ChunkCount} does not match its hash";
        (long Iteration, string[] Values) header;
        try
        {
            header = image.Layout.ReadHeader(image.Header);
        }
        catch (InvalidDataException error)
        {
            return error.Message;
        }

        if (header.Iteration != snapshot.Iteration.Value) return $"its payload says that it is iteration {header.Iteration}";
        image.Unstage(header.Values);
        return null;
    }

    /// <summary>Maps the slots of a restore point. The caller disposes them.</summary>
    /// <exception cref="InvalidDataException">A slot is not a segment of this rank and state.</exception>
    public static MappedSegment[] OpenSlots(RestorePoint point, string job, Rank rank, long payloadBytes)
    {
        var slots = new List<MappedSegment>();
        try
        {
            foreach (var path in point.Slots)
            {
                var slot = MappedSegment.Open(path);
                slots.Add(slot);
                if (CheckPlace(slot, job, rank, payloadBytes) is { } reason) throw new InvalidDataException($"{path}: {reason}.");
            }

            return [.. slots];
        }
        catch
        {
            slots.ForEach(slot => slot.Dispose());
            throw;
        }
    }

    /// <summary>Copies and checks every chunk. Returns the first bad one; null if all are right.</summary>
    private static long? CopyIn(MappedSegment segment, SnapshotId snapshot, ShardImage image)
    {
        var threads = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(ThreadsMax, Environment.ProcessorCount) };
        return Parallel.For(0, segment.ChunkCount, threads, (index, loop) =>
        {
            if (index == segment.ChunkCount / 2) Moments.Reach(Moment.Load, snapshot.Iteration.Value);
            if (image.CopyIn((long)index * segment.ChunkBytes, segment.Chunk(index)) != segment.ChunkHashes[index]) loop.Break();
        }).LowestBreakIteration;
    }

    private static string? CheckPlace(MappedSegment segment, string job, Rank rank, long payloadBytes)
    {
        if (segment.JobName != job) return $"it belongs to job {segment.JobName}, not to {job}";
        if (segment.Owner != rank) return $"it belongs to rank {segment.Owner}, not to {rank}";
        if (segment.PayloadBytes != payloadBytes) return $"it holds {segment.PayloadBytes} bytes; this state has {payloadBytes}";
        return null;
    }

    private static string? CheckHeader(MappedSegment segment, string job, Rank rank, SnapshotId snapshot, ContentHash hash, long payloadBytes)
    {
        if (CheckPlace(segment, job, rank, payloadBytes) is { } reason) return reason;
        if (segment.State != SegmentState.Sealed) return $"it is not sealed but {segment.State}";
        if (!segment.IsHeaderSound) return "its header does not match its check";
        if (segment.Snapshot != snapshot) return $"it holds snapshot {segment.Snapshot}";
        if (segment.Hash != hash) return $"its header has hash {segment.Hash}, but {hash} was expected";
        if (segment.HashOfChunkTable() != hash) return $"its chunk table does not hash to {hash}";
        return null;
    }
}
