using System.IO.Hashing;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Memory;

/// <summary>
/// The right to write one snapshot into one slot. Chunks arrive in order. Each is hashed in the slot itself, and the last step seals. If the lease
/// is disposed before the seal, the slot is free.
/// </summary>
/// <remarks>
/// Ownership: the caller disposes, after every operation on memory of the lease has ended. Used by one caller at a time; only <see cref="Revoke"/>
/// may be called from elsewhere.
/// </remarks>
internal sealed class ReceiveLease : IDisposable
{
    private readonly HostMemory _memory;
    private readonly CancellationTokenSource _revoked = new();
    private int _nextChunk;
    private bool _disposed;

    internal ReceiveLease(HostMemory memory, Slot slot, in ReceiveRequest request)
    {
        _memory = memory;
        Slot = slot;
        Request = request;
        Revoked = _revoked.Token;
    }

    public ReceiveRequest Request { get; }

    /// <summary>Cancelled when the receive is overtaken, so that it no longer waits for bytes.</summary>
    public CancellationToken Revoked { get; }

    public int ChunkCount => Slot.Segment.ChunkCount;

    /// <summary>The only chunk that may arrive now. Invariant: all chunks before it are stored and hashed.</summary>
    public int NextChunk => _nextChunk;

    /// <summary>Whether this is a fetch and this chunk is the next one.</summary>
    public bool IsFetchAt(int chunk) => Request.Origin == ReceiveOrigin.Fetch && _nextChunk == chunk;

    internal Slot Slot { get; }

    internal bool IsSealed { get; set; }

    /// <summary>Set under the memory's lock, before <see cref="Revoke"/>. From then on the receive cannot seal.</summary>
    internal bool IsRevoked { get; set; }

    /// <summary>The memory for chunk <paramref name="index"/>, in the mapping itself. Valid until this lease is disposed.</summary>
    public Memory<byte> Chunk(int index) => Slot.Chunk(index);

    /// <summary>Checks the bytes of <see cref="NextChunk"/>, which the caller has stored. If they are right, the following chunk is next.</summary>
    public ChunkOutcome CompleteChunk(int index, ulong expectedHash) => CompleteChunk(index, XxHash3.HashToUInt64(Slot.Segment.Chunk(index)), expectedHash);

    /// <summary>The same, if the caller has hashed the bytes already, in the slot itself.</summary>
    /// <param name="index">The chunk, which the caller has stored.</param>
    /// <param name="hash">The XxHash3-64 of the bytes in the slot.</param>
    /// <param name="expectedHash">The hash that they must have.</param>
    public ChunkOutcome CompleteChunk(int index, ulong hash, ulong expectedHash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(index, _nextChunk);
        if (_memory.IsOvertaken(this)) return ChunkOutcome.Stale;
        var segment = Slot.Segment;
        if (hash != expectedHash) return ChunkOutcome.HashMismatch;
        segment.ChunkHashes[index] = hash;
        _nextChunk++;
        segment.AdvanceCaptured(Math.Min((long)_nextChunk * segment.ChunkBytes, segment.PayloadBytes));
        return ChunkOutcome.Stored;
    }

    /// <summary>Makes the copy a replica, if all chunks are there, their hashes match and the receive was not overtaken.</summary>
    public SealOutcome Seal(ContentHash expected)
    {
        if (_nextChunk != ChunkCount) return SealOutcome.Incomplete;
        return Slot.Segment.HashOfChunkTable() != expected ? SealOutcome.HashMismatch : _memory.Seal(this);
    }

    /// <summary>Ends the receive. The slot is free unless it is sealed.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _memory.Return(this);
        _revoked.Dispose();
    }

    internal void Revoke()
    {
        try
        {
            _revoked.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The receive has ended by itself meanwhile, so nothing is left to do.
        }
    }
}
