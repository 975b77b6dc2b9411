using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CsCheck;
using Gemini.Trainer.Client.Collectives;

namespace Gemini.Trainer.Tests.Client.Collectives;

/// <summary>The positions of a collective without sockets: all ranks in one loop, with pieces of any size between them.</summary>
public sealed unsafe class RingPassTests
{
    private static readonly Gen<(int WorldSize, int SegmentBytes, int Seed)> Rings = Gen.Select(Gen.Int[1, 7], Gen.Int[0, 40], Gen.Int[0, 1 << 20]);

    [Fact]
    public void Gather_AnyPieces_BringsEverySegmentToEveryRank() => Rings.Sample(ring =>
    {
        var segments = Segments(ring.WorldSize, ring.SegmentBytes, ring.Seed);
        byte[][] full = [.. Enumerable.Range(0, ring.WorldSize).Select(rank => Own(segments, rank, ring.SegmentBytes))];
        Run(full, ring.SegmentBytes, ring.Seed, rank => rank, (source, target) => source.CopyTo(target));
        return full.All(bytes => bytes.AsSpan().SequenceEqual(segments));
    });

    [Fact]
    public void Reduce_AnyPieces_BringsEachRankTheSumOfItsSegment() => Rings.Sample(ring =>
    {
        byte[][] full = [.. Enumerable.Range(0, ring.WorldSize).Select(rank => Segments(ring.WorldSize, ring.SegmentBytes, ring.Seed + rank))];
        byte[] sums = [.. Enumerable.Range(0, full[0].Length).Select(index => (byte)full.Sum(bytes => bytes[index]))];
        Run(full, ring.SegmentBytes, ring.Seed, rank => rank - 1, Add);
        return Enumerable.Range(0, ring.WorldSize).All(rank =>
        {
            var own = rank * ring.SegmentBytes;
            return full[rank].AsSpan(own, ring.SegmentBytes).SequenceEqual(sums.AsSpan(own, ring.SegmentBytes));
        });
    });

    /// <summary>A rank may forward only what it has received.</summary>
    [Fact]
    public void Outgoing_NothingReceivedYet_IsTheOwnSegmentAlone()
    {
        var bytes = stackalloc byte[12];
        var pass = new RingPass(bytes, segmentSizeBytes: 4, worldSize: 3, firstSegment: 1);
        Assert.True(Unsafe.AreSame(ref MemoryMarshal.GetReference(pass.Outgoing(100)), ref bytes[4]));
        Assert.Equal((4, 3), (pass.Outgoing(100).Length, pass.Outgoing(3).Length));
        pass.Sent = 4;
        Assert.True(pass.Outgoing(100).IsEmpty);
        pass.Received = 1;
        Assert.Equal(1, pass.Outgoing(100).Length);
        Assert.True(Unsafe.AreSame(ref MemoryMarshal.GetReference(pass.Outgoing(100)), ref bytes[0]));
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(3, 0)]
    public void IsDone_NothingToSend_IsTrueAtOnce(int worldSize, int segmentBytes)
    {
        var bytes = stackalloc byte[8];
        var pass = new RingPass(bytes, segmentBytes, worldSize, firstSegment: 0);
        Assert.True(pass.IsReceived && pass.IsDone && pass.Outgoing(100).IsEmpty && pass.Incoming(100).IsEmpty);
    }

    [Fact]
    public void IsDone_EverythingReceivedAndNotForwarded_IsFalse()
    {
        var bytes = stackalloc byte[8];
        var pass = new RingPass(bytes, segmentSizeBytes: 4, worldSize: 2, firstSegment: 0) { Received = 4 };
        Assert.True(pass.IsReceived);
        Assert.False(pass.IsDone);
        pass.Sent = 4;
        Assert.True(pass.IsDone);
    }

    private delegate void Combine(ReadOnlySpan<byte> source, Span<byte> target);

    /// <summary>Moves pieces between random neighbours until every rank is done.</summary>
    private static void Run(byte[][] full, int segmentBytes, int seed, Func<int, int> firstSegment, Combine combine)
    {
        var handles = full.Select(bytes => GCHandle.Alloc(bytes, GCHandleType.Pinned)).ToList();
        try
        {
            var worldSize = full.Length;
            RingPass[] passes =
            [
                .. handles.Select((handle, rank) => new RingPass((byte*)handle.AddrOfPinnedObject(), segmentBytes, worldSize, firstSegment(rank))),
            ];
            var random = new Random(seed);
            for (var step = 0; passes.Any(pass => !pass.IsDone); step++)
            {
                Assert.True(step < 1_000_000, "The ring stands still.");
                var rank = random.Next(worldSize);
                ref var source = ref passes[rank];
                ref var target = ref passes[(rank + 1) % worldSize];
                var outgoing = source.Outgoing(random.Next(1, 12));
                var incoming = target.Incoming(outgoing.Length);
                combine(outgoing[..incoming.Length], incoming);
                source.Sent += incoming.Length;
                target.Received += incoming.Length;
            }
        }
        finally
        {
            handles.ForEach(handle => handle.Free());
        }
    }

    private static void Add(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (var index = 0; index < source.Length; index++) target[index] += source[index];
    }

    private static byte[] Own(byte[] segments, int rank, int segmentBytes)
    {
        var own = new byte[segments.Length];
        segments.AsSpan(rank * segmentBytes, segmentBytes).CopyTo(own.AsSpan(rank * segmentBytes));
        return own;
    }

    private static byte[] Segments(int worldSize, int segmentBytes, int seed)
    {
        var bytes = new byte[worldSize * segmentBytes];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
