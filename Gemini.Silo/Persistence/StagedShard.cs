using System.IO.Hashing;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Persistence;

/// <summary>
/// A private copy of one own shard. The trainer overwrites its slots within an iteration or two, without asking. So the shard is first copied here,
/// at memory speed, and then written to storage, which may be slow.
/// </summary>
/// <remarks>Used by one caller at a time. Its pages are reserved when it is made, as those of a slot are.</remarks>
internal sealed class StagedShard : IShardSource, IDisposable
{
    private readonly MappedSegment _segment;
    private readonly Slot _view;

    /// <summary>Makes the file and reserves its pages.</summary>
    /// <exception cref="HostMemoryException">No room.</exception>
    public StagedShard(string path, string job, Rank owner, long payloadBytes, int chunkBytes)
    {
        _segment = SegmentFiles.Create(path, new SegmentIdentity(job, owner), payloadBytes, chunkBytes);
        _view = new Slot(0, _segment);
    }

    public long FileBytes => _segment.FileBytes;

    public long PayloadBytes => _segment.PayloadBytes;

    public int ChunkCount => _segment.ChunkCount;

    public StoredShard Description => new(_segment.Owner, _segment.Hash, _segment.PayloadBytes, _segment.ChunkBytes);

    public ReadOnlyMemory<byte> Chunk(int index) => _view.Chunk(index);

    public bool Holds(SnapshotId snapshot) => _view.Holds(snapshot);

    /// <summary>
    /// Copies the shard out of host memory, if it is complete there. Each chunk is hashed after it was copied. So a slot that the trainer overwrites
    /// meanwhile, or a rotten copy, is not taken for the snapshot.
    /// </summary>
    public bool TryCopy(HostMemory memory, SnapshotId snapshot)
    {
        if (Holds(snapshot)) return true;
        using var lease = memory.TryRead(_segment.Owner, snapshot);
        if (lease is null || lease.PayloadBytes != PayloadBytes || lease.ChunkBytes != _segment.ChunkBytes) return false;
        var expected = lease.Hash;
        _segment.BeginWrite(snapshot);
        for (var index = 0; index < ChunkCount; index++)
        {
            var hash = lease.ChunkHash(index);
            var chunk = _segment.Chunk(index);
            lease.Chunk(index).Span.CopyTo(chunk);
            if (XxHash3.HashToUInt64(chunk) != hash) return false;
            _segment.ChunkHashes[index] = hash;
        }

        if (_segment.HashOfChunkTable() != expected || !lease.StillHolds()) return false;
        _segment.Seal();
        return true;
    }

    /// <summary>Releases the memory. The file's name stays as it is.</summary>
    public void Unmap()
    {
        _view.Retired = true;
        _view.UnmapIfUnused();
    }

    public void Dispose()
    {
        Unmap();
        if (File.Exists(_segment.Path)) File.Delete(_segment.Path);
    }
}
