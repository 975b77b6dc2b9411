namespace Gemini.Trainer.Client.Collectives;

/// <summary>How far one collective has come: two positions in a stream of N−1 segments, which go round the ring backwards.</summary>
internal unsafe struct RingPass(byte* full, long segmentSizeBytes, int worldSize, int firstSegment)
{
    private readonly long _totalBytes = (worldSize - 1) * segmentSizeBytes;

    // Invariant: Sent <= segmentSizeBytes + Received: a rank passes on only what has come.
    public long Sent;

    /// <summary>Bytes received, and added where the collective adds.</summary>
    public long Received;

    /// <summary>Bytes received of a float that is not complete yet.</summary>
    public int CarriedBytes;

    public readonly bool IsReceived => Received == _totalBytes;

    public readonly bool IsDone => IsReceived && Sent == _totalBytes;

    /// <summary>What may be sent now; empty if everything is, or if more has to come first.</summary>
    public readonly ReadOnlySpan<byte> Outgoing(int limit) =>
        Slice(Sent, firstSegment, Math.Min(limit, Math.Min(_totalBytes, segmentSizeBytes + Received) - Sent));

    /// <summary>Where what comes next belongs.</summary>
    public readonly Span<byte> Incoming(int limit) => Slice(Received, firstSegment - 1, Math.Min(limit, _totalBytes - Received));

    private readonly Span<byte> Slice(long position, int streamStart, long limit)
    {
        if (limit <= 0) return default;
        long hop = position / segmentSizeBytes, offset = position % segmentSizeBytes;
        var segment = (streamStart - hop + (2L * worldSize)) % worldSize;
        return new Span<byte>(full + (segment * segmentSizeBytes) + offset, (int)Math.Min(limit, segmentSizeBytes - offset));
    }
}
