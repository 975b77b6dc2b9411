using System.Net;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Collectives;

/// <summary>Collectives between the trainers of one epoch, over TCP.</summary>
/// <remarks>
/// <para>Rank r sends to r+1 and receives from r−1 (modulo N). In an all-gather, segments travel N−1 hops. In a reduce-scatter, partial sums travel
/// N−1 hops, and each rank adds its own values before it forwards them. In both, each rank sends a stream of N−1 segments and receives one: it first
/// sends its own segment, then forwards received bytes as soon as they arrive, so the hops overlap. See Patarasuk and Yuan, "Bandwidth optimal
/// all-reduce algorithms for clusters of workstations", 2009.</para>
/// <para>Sums are added in one fixed order of ranks, so equal inputs give equal bits in every run with the same N.</para>
/// <para>Collectives block, and all ranks must call the same ones in the same order with the same sizes. One thread calls them; <see cref="Abort"/>
/// may come from any. After a <see cref="CollectiveException"/> the content of the buffers is undefined, and the ring can only be disposed.</para>
/// </remarks>
public sealed class Ring : IDisposable
{
    // Small enough that the next chunk arrives in the socket's buffer while one chunk is added, and that both directions take turns.
    internal const int ChunkSizeBytes = 256 << 10;

    private readonly RingLink _link;
    private readonly byte[] _chunk = GC.AllocateUninitializedArray<byte>(ChunkSizeBytes, pinned: true);
    private readonly double[] _scalars;
    private uint _sequence;
    private CancellationTokenRegistration _abort;
    private NetworkMarks? _marks;

    private Ring(RingIdentity self, RingLink link)
    {
        (Rank, WorldSize, Epoch, _link) = (self.Rank, self.WorldSize, self.Epoch, link);
        _scalars = GC.AllocateArray<double>(WorldSize, pinned: true);
    }

    public int Rank { get; }

    public int WorldSize { get; }

    public long Epoch { get; }

    /// <summary>
    /// Completes with the rank of the first lost neighbour, even while no collective runs. Cancelled when the ring is disposed. A neighbour that
    /// disposes its ring right after a barrier does not count as lost.
    /// </summary>
    public Task<int> PeerLost => _link.PeerLost;

    /// <summary>Connects this rank to its neighbours. Waits for them until cancelled, so bound the wait with the token.</summary>
    /// <param name="listener">This process's listener. The caller keeps the ownership.</param>
    /// <param name="endpoints">Every rank's <see cref="RingListener.Endpoint"/>, by rank.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="epoch">Peers of any other epoch are refused. Connect at most once per epoch.</param>
    /// <param name="secret">Peers without it are refused.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="RingRefusedException">The next rank has another secret, or the two ranks disagree about rank or world size.</exception>
    public static async Task<Ring> ConnectAsync(
        RingListener listener,
        IReadOnlyList<string> endpoints,
        int rank,
        long epoch,
        JobSecret secret,
        CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, endpoints.Count);
        // A single rank is its own neighbour. It connects to its own listener, so no code needs a special case.
        var self = new RingIdentity(rank, endpoints.Count, epoch, secret);
        listener.Waits.Enter();
        try
        {
            var (next, previous) = await RingConnector.ConnectAsync(listener, IPEndPoint.Parse(endpoints[self.Next]), self, ct);
            return new Ring(self, new RingLink(next, previous, self, listener.Waits));
        }
        finally
        {
            listener.Waits.Leave();
        }
    }

    /// <summary>Brings every rank's segment to every rank.</summary>
    /// <param name="full">N · <paramref name="segmentCount"/> elements; this rank's own are filled in, the others received.</param>
    /// <param name="segmentCount">Elements of one rank's segment.</param>
    /// <exception cref="CollectiveException">The collective was aborted, or a neighbour was lost.</exception>
    public unsafe void AllGather(float* full, long segmentCount) => Run(RingFrame.Kinds.AllGather, full, segmentCount);

    /// <inheritdoc cref="AllGather(float*, long)"/>
    public unsafe void AllGather(Span<float> full)
    {
        fixed (float* first = full) AllGather(first, SegmentCountOf(full.Length));
    }

    /// <summary>Sums <paramref name="full"/> over all ranks; each rank gets its own segment of the sum.</summary>
    /// <param name="full">N · <paramref name="segmentCount"/> elements; holds partial sums afterwards.</param>
    /// <param name="segmentCount">Elements of one rank's segment.</param>
    /// <param name="ownSegment">Receives <paramref name="segmentCount"/> sums; may lie in <paramref name="full"/>.</param>
    /// <exception cref="CollectiveException">The collective was aborted, or a neighbour was lost.</exception>
    public unsafe void ReduceScatter(float* full, long segmentCount, float* ownSegment)
    {
        Run(RingFrame.Kinds.ReduceScatter, full, segmentCount);
        var sizeBytes = segmentCount * sizeof(float);
        Buffer.MemoryCopy(full + (Rank * segmentCount), ownSegment, sizeBytes, sizeBytes);
    }

    /// <inheritdoc cref="ReduceScatter(float*, long, float*)"/>
    public unsafe void ReduceScatter(Span<float> full, Span<float> ownSegment)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(ownSegment.Length, SegmentCountOf(full.Length));
        fixed (float* first = full, own = ownSegment) ReduceScatter(first, ownSegment.Length, own);
    }

    /// <summary>The sum of every rank's <paramref name="value"/>, the same bits on every rank.</summary>
    /// <exception cref="CollectiveException">The collective was aborted, or a neighbour was lost.</exception>
    public unsafe double AllReduceSum(double value)
    {
        _scalars[Rank] = value;
        fixed (double* first = _scalars) AllGather((float*)first, sizeof(double) / sizeof(float));
        double sum = 0;
        foreach (var scalar in _scalars) sum += scalar;
        return sum;
    }

    /// <summary>Sums <paramref name="values"/> over all ranks, element by element and in place; the same bits on every rank.</summary>
    /// <param name="values">The same number of values on every rank.</param>
    /// <exception cref="CollectiveException">The collective was aborted, or a neighbour was lost.</exception>
    public void AllReduceSum(Span<float> values)
    {
        var segmentCount = (values.Length + WorldSize - 1) / WorldSize;
        var full = GC.AllocateUninitializedArray<float>(segmentCount * WorldSize);
        values.CopyTo(full);
        full.AsSpan(values.Length).Clear();
        var own = full.AsSpan(Rank * segmentCount, segmentCount);
        ReduceScatter(full, own);
        AllGather(full);
        full.AsSpan(0, values.Length).CopyTo(values);
    }

    /// <summary>Returns when every rank has called it. A rank that now disposes its ring does not count as lost.</summary>
    /// <exception cref="CollectiveException">The collective was aborted, or a neighbour was lost.</exception>
    public void Barrier()
    {
        AllReduceSum(0);
        _link.IsAtBarrier = true;
    }

    /// <summary>
    /// Makes the collective that runs, and every later one, throw <see cref="CollectiveAbortedException"/> within 100 ms.
    /// </summary>
    public void Abort() => _link.Abort();

    /// <summary>Closes the connections. No collective may be running: abort it first and let it end.</summary>
    public void Dispose()
    {
        _abort.Dispose();
        _marks?.Dispose();
        _link.Dispose();
    }

    /// <summary>Calls <see cref="Abort"/> when the token is cancelled.</summary>
    internal void AbortWith(CancellationToken ct) => _abort = ct.Register(Abort);

    /// <summary>Marks the network as busy while a collective runs or its bytes leave. Call it before the first collective.</summary>
    internal void MarkIn(NetworkUse use) => _marks = new NetworkMarks(use, () => _link.HasSent);

    private long SegmentCountOf(int fullCount) => fullCount % WorldSize == 0
        ? fullCount / WorldSize
        : throw new ArgumentException($"{fullCount} elements do not divide among {WorldSize} ranks.");

    private unsafe void Run(RingFrame.Kinds kind, float* full, long segmentCount)
    {
        _link.Waits.Enter();
        _marks?.Enter();
        try
        {
            RunMetered(kind, full, segmentCount);
        }
        finally
        {
            _marks?.Leave();
            _link.Waits.Leave();
        }
    }

    private unsafe void RunMetered(RingFrame.Kinds kind, float* full, long segmentCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(segmentCount);
        _link.ThrowIfBroken();
        _link.IsAtBarrier = false;
        ExchangeFrames(_link, new RingFrame(kind, _sequence++, segmentCount * sizeof(float)));
        var isReduce = kind == RingFrame.Kinds.ReduceScatter;
        var pass = new RingPass((byte*)full, segmentCount * sizeof(float), WorldSize, firstSegment: isReduce ? Rank - 1 : Rank);
        while (!pass.IsDone)
        {
            _link.ThrowIfBroken();
            var outgoing = pass.Outgoing(ChunkSizeBytes);
            var sent = outgoing.IsEmpty ? 0 : _link.TrySend(outgoing);
            pass.Sent += sent;
            var received = pass.IsReceived ? 0 : isReduce ? ReceiveAndAdd(_link, ref pass) : Receive(_link, ref pass);
            if (sent + received == 0) _link.Wait(!outgoing.IsEmpty, !pass.IsReceived);
        }
    }

    private static int Receive(RingLink link, ref RingPass pass)
    {
        var received = link.TryReceive(pass.Incoming(ChunkSizeBytes));
        pass.Received += received;
        return received;
    }

    private int ReceiveAndAdd(RingLink link, ref RingPass pass)
    {
        // The stream may split a float: the odd bytes stay at the chunk's start until the rest has come.
        var limit = pass.Incoming(ChunkSizeBytes).Length;
        var received = link.TryReceive(_chunk.AsSpan(pass.CarriedBytes, limit - pass.CarriedBytes));
        int available = pass.CarriedBytes + received, whole = available & ~(sizeof(float) - 1);
        var sums = MemoryMarshal.Cast<byte, float>(pass.Incoming(whole));
        TensorPrimitives.Add(MemoryMarshal.Cast<byte, float>(_chunk.AsSpan(0, whole)), sums, sums);
        _chunk.AsSpan(whole, available - whole).CopyTo(_chunk);
        pass.CarriedBytes = available - whole;
        pass.Received += whole;
        return received;
    }

    private void ExchangeFrames(RingLink link, RingFrame own)
    {
        RingFrame previous = default;
        var outgoing = MemoryMarshal.AsBytes(new Span<RingFrame>(ref own));
        var incoming = MemoryMarshal.AsBytes(new Span<RingFrame>(ref previous));
        while (!outgoing.IsEmpty || !incoming.IsEmpty)
        {
            link.ThrowIfBroken();
            var sent = outgoing.IsEmpty ? 0 : link.TrySend(outgoing);
            var received = incoming.IsEmpty ? 0 : link.TryReceive(incoming);
            outgoing = outgoing[sent..];
            incoming = incoming[received..];
            if (sent + received == 0) link.Wait(!outgoing.IsEmpty, !incoming.IsEmpty);
        }
        if (previous == own) return;
        var rank = (Rank + WorldSize - 1) % WorldSize;
        if (previous.Kind == RingFrame.Kinds.Goodbye) throw link.Lost(rank);
        link.Abort();
        throw new InvalidOperationException($"Rank {rank} is in another collective than rank {Rank}: {previous} instead of {own}.");
    }
}
