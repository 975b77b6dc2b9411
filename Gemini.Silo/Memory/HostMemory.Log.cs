using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Memory;

internal sealed partial class HostMemory
{
    [LoggerMessage(EventIds.SegmentAdopted, LogLevel.Information, "Adopted {Path}: {State}, snapshot {Snapshot}.")]
    private partial void LogAdopted(string path, SegmentState state, SnapshotId snapshot);

    [LoggerMessage(EventIds.SegmentDeleted, LogLevel.Warning, "Deleted {Path}: {Reason}")]
    private partial void LogDeleted(string path, string reason);

    [LoggerMessage(EventIds.SegmentSetAside, LogLevel.Warning,
        "{Path} is not used, because {Reason}. It is kept as {Aside}; remove that file if nobody needs it.")]
    private partial void LogSetAside(string path, string reason, string aside);

    [LoggerMessage(EventIds.ShardResident, LogLevel.Debug, "Shard {Owner} is resident as {Role}: {PayloadBytes} bytes in each slot.")]
    private partial void LogResident(Rank owner, ShardRole role, long payloadBytes);

    [LoggerMessage(EventIds.ShardReleased, LogLevel.Information, "Shard {Owner} is no longer resident; its segments are deleted.")]
    private partial void LogReleased(Rank owner);

    [LoggerMessage(EventIds.CopyQuarantined, LogLevel.Error, "The copy of shard {Owner} of snapshot {Snapshot} is not used again: {Reason}")]
    private partial void LogQuarantined(Rank owner, SnapshotId snapshot, string reason);

    [LoggerMessage(EventIds.EpochFloorRaised, LogLevel.Debug, "Receives below epoch {Epoch} are refused from now on.")]
    private partial void LogEpochFloorRaised(Epoch epoch);

    [LoggerMessage(EventIds.CopyDiscarded, LogLevel.Debug, "Discarded shard {Owner} of snapshot {Snapshot}.")]
    private partial void LogDiscarded(Rank owner, SnapshotId snapshot);

    [LoggerMessage(EventIds.ChunkRepaired, LogLevel.Warning,
        "Chunk {Chunk} of {ChunkCount} of shard {Owner} of snapshot {Snapshot} was rotten; it was replaced from a peer's copy.")]
    private partial void LogRepaired(int chunk, int chunkCount, Rank owner, SnapshotId snapshot);

    [LoggerMessage(EventIds.FileLost, LogLevel.Error, "Somebody deleted {Path} while it was in use. Its copy is kept.")]
    private partial void LogFileLost(string path);

    [LoggerMessage(EventIds.FileRestored, LogLevel.Warning, "Made {Path} again, with its whole content.")]
    private partial void LogFileRestored(string path);

    [LoggerMessage(EventIds.MemoryEndangered, LogLevel.Error, "The copies in this host's memory are in danger: {Reason}")]
    private partial void LogWarned(string reason);

    [LoggerMessage(EventIds.GuestsReleased, LogLevel.Information, "Discarded the guest copies of {Count} shards.")]
    private partial void LogGuestsReleased(int count);
}
