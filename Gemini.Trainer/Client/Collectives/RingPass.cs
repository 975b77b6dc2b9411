namespace Gemini.Trainer.Client.Collectives;

/// <summary>The progress of one collective: two positions in a stream of N−1 segments. Consecutive segments of the stream have descending ranks.</summary>
internal unsafe struct RingPass(byte* full, long segmentSizeBytes, int worldSize, int firstSegment)
{
    private readonly long _totalBytes = (worldSize - 1) * segmentSizeBytes;

    // Invariant: Sent <= segmentSizeBytes + Received, because a rank forwards only bytes that it has received.
    public long Sent;

    /// <summary>Bytes received, and in a reduce-scatter also added.</summary>
    public long Received;

    /// <summary>How many bytes of an incomplete float have been received.</summary>
    public int CarriedBytes;

    public readonly bool IsReceived => Received == _totalBytes;

    public readonly bool IsDone => IsReceived && Sent == _totalBytes;

    /// <summary>The bytes that may be sent now. Empty if everything is sent, or if more bytes must be received first.</summary>
    public readonly ReadOnlySpan<byte> Outgoing(int limit) =>
        Slice(Sent, firstSegment, Math.Min(limit, Math.Min(_totalBytes, segmentSizeBytes + Received) - Sent));

    /// <summary>The place for the bytes that will be received next.</summary>
    public readonly Span<byte> Incoming(int limit) => Slice(Received, firstSegment - 1, Math.Min(limit, _totalBytes - Received));

    private readonly Span<byte> Slice(long position, int streamStart, long limit)
    {
        if (limit <= 0) return default;
        long hop = position / segmentSizeBytes, offset = position % segmentSizeBytes;
        var segment = (streamStart - hop + (2L * worldSize)) % worldSize;
        return new Span<byte>(full + (segment * segmentSizeBytes) + offset, (int)Math.Min(limit, segmentSizeBytes - offset));
    }
}
