namespace Gemini.Silo.Transfer;

/// <summary>What the transfer plane of this process did so far. Thread-safe; numbers only grow.</summary>
internal sealed class TransferCounters
{
    private long _sentBytes;
    private long _receivedBytes;
    private long _replicasSealed;
    private long _hashMismatches;
    private long _handshakesRefused;
    private long _malformedFrames;

    /// <summary>Payload bytes sent.</summary>
    public long SentBytes => Volatile.Read(ref _sentBytes);

    /// <summary>Payload bytes received and found right.</summary>
    public long ReceivedBytes => Volatile.Read(ref _receivedBytes);

    /// <summary>Copies received to their end.</summary>
    public long ReplicasSealed => Volatile.Read(ref _replicasSealed);

    /// <summary>Chunks and shards that arrived with another hash than announced.</summary>
    public long HashMismatches => Volatile.Read(ref _hashMismatches);

    /// <summary>Peers turned away before they could ask for anything.</summary>
    public long HandshakesRefused => Volatile.Read(ref _handshakesRefused);

    /// <summary>Frames of authenticated peers that cannot be.</summary>
    public long MalformedFrames => Volatile.Read(ref _malformedFrames);

    public void ChunkSent(int bytes) => Interlocked.Add(ref _sentBytes, bytes);

    public void ChunkReceived(int bytes) => Interlocked.Add(ref _receivedBytes, bytes);

    public void ReplicaSealed() => Interlocked.Increment(ref _replicasSealed);

    public void HashMismatch() => Interlocked.Increment(ref _hashMismatches);

    public void HandshakeRefused() => Interlocked.Increment(ref _handshakesRefused);

    public void MalformedFrame() => Interlocked.Increment(ref _malformedFrames);
}
