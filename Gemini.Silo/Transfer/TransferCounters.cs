using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Transfer;

/// <summary>Counters of all transfers of this process. Thread-safe; numbers only grow.</summary>
internal sealed class TransferCounters
{
    private long _sentBytes;
    private long _receivedBytes;
    private long _replicasSealed;
    private long _hashMismatches;
    private long _handshakesRefused;
    private long _malformedFrames;

    /// <summary>How fast copies were fetched.</summary>
    public MeasuredRate Fetches { get; } = new();

    /// <summary>The numbers now. Each is read by itself: together they need not be of one moment.</summary>
    public TransferReport Report => new(
        Volatile.Read(ref _sentBytes), Volatile.Read(ref _receivedBytes), Volatile.Read(ref _replicasSealed), Volatile.Read(ref _hashMismatches),
        Volatile.Read(ref _handshakesRefused), Volatile.Read(ref _malformedFrames));

    public void ChunkSent(int bytes) => Interlocked.Add(ref _sentBytes, bytes);

    public void ChunkReceived(int bytes) => Interlocked.Add(ref _receivedBytes, bytes);

    public void ReplicaSealed() => Interlocked.Increment(ref _replicasSealed);

    public void HashMismatch() => Interlocked.Increment(ref _hashMismatches);

    public void HandshakeRefused() => Interlocked.Increment(ref _handshakesRefused);

    public void MalformedFrame() => Interlocked.Increment(ref _malformedFrames);
}
