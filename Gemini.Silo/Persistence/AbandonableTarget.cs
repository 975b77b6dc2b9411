using System.IO.Hashing;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Persistence;

/// <summary>
/// Moves a stored shard into a receive lease, chunk by chunk, through a buffer of its own. The reader never gets the slot itself: a read that hangs
/// and continues much later must not write into a slot that has another purpose by then.
/// </summary>
/// <remarks>
/// Used by one reading thread. <see cref="Abandon"/> and <see cref="StalledFor"/> may be called from elsewhere. Invariant: after
/// <see cref="Abandon"/> has returned, nobody here touches the lease, so the caller may dispose it.
/// </remarks>
internal sealed class AbandonableTarget(ReceiveLease lease, StoredShard stored, TimeProvider time) : IShardTarget
{
    private readonly Lock _gate = new();
    private readonly byte[] _buffer = new byte[stored.ChunkBytes];
    private long _movedAt = time.GetTimestamp();
    private bool _isAbandoned;

    public int ChunkCount { get; } = lease.ChunkCount;

    /// <summary>How long no chunk has arrived.</summary>
    public TimeSpan StalledFor => time.GetElapsedTime(Volatile.Read(ref _movedAt));

    public Memory<byte> Chunk(int index) =>
        _buffer.AsMemory(0, (int)Math.Min(stored.ChunkBytes, stored.PayloadBytes - ((long)index * stored.ChunkBytes)));

    /// <summary>The hash is that of the bytes that arrived. Only the hash over all chunks shows whether they are the right ones.</summary>
    public bool Complete(int index)
    {
        var chunk = Chunk(index);
        var hash = XxHash3.HashToUInt64(chunk.Span);
        lock (_gate)
        {
            if (_isAbandoned) return false;
            Volatile.Write(ref _movedAt, time.GetTimestamp());
            chunk.CopyTo(lease.Chunk(index));
            return lease.CompleteChunk(index, hash) == ChunkOutcome.Stored;
        }
    }

    /// <summary>The caller no longer wants the shard. This call waits for the copy of one chunk at most.</summary>
    public void Abandon()
    {
        lock (_gate) _isAbandoned = true;
    }
}
