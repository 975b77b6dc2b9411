using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;

namespace Gemini.Interfaces.Tests.Wire;

/// <summary>The bytes of the data port's frames, as WIRE.md states them. A change here is a new protocol version.</summary>
public sealed class DataPortFrameTests
{
    private static readonly SnapshotId Snapshot = new(new Iteration(0x1112131415161718), new Epoch(0x2122232425262728));

    [Fact]
    public void Hello_Bytes()
    {
        var nonce = Enumerable.Range(1, JobSecret.NonceBytes).Select(value => (byte)value).ToArray();
        var frame = new byte[DataPortHello.SizeBytes];
        DataPortHello.Write(frame, "gpt2", nonce);
        Assert.Equal(
            "47454D494E494450" + "01000000" + "00000000" + "67707432" + new string('0', 120) + Convert.ToHexString(nonce), Convert.ToHexString(frame));
        Assert.Null(DataPortHello.Check(frame, "gpt2"));
        Assert.True(DataPortHello.Nonce(frame).SequenceEqual(nonce));
        Assert.Equal("it belongs to another job", DataPortHello.Check(frame, "gpt"));
        frame[8] = 2;
        Assert.Equal("it speaks version 2, this host version 1", DataPortHello.Check(frame, "gpt2"));
        frame[0]++;
        Assert.Equal("it does not speak this protocol", DataPortHello.Check(frame, "gpt2"));
    }

    [Fact]
    public void Hello_JobNameTooLong_IsRefused() =>
        Assert.Throws<ArgumentException>(() => DataPortHello.Write(new byte[DataPortHello.SizeBytes], new string('x', 64), new byte[32]));

    [Fact]
    public void Request_Bytes()
    {
        var request = new DataRequest(
            DataRequestKind.Replicate, new Rank(0x01020304), new Epoch(0x3132333435363738), Snapshot, new Iteration(0x4142434445464748),
            0x5152535455565758, 0x61626364);
        var frame = new byte[DataRequest.SizeBytes];
        request.Write(frame);
        Assert.Equal(
            "01000000" + "04030201" + "3837363534333231" + "1817161514131211" + "2827262524232221" + "4847464544434241" + "5857565554535251" +
            "64636261" + "00000000",
            Convert.ToHexString(frame));
        Assert.True(DataRequest.TryRead(frame, out var read));
        Assert.Equal(request, read);
    }

    [Theory]
    [InlineData(DataRequestKind.Chunk, 7, "03000000", true)]
    [InlineData(DataRequestKind.Chunk, -1, "03000000", false)]
    [InlineData(DataRequestKind.Check, 0, "04000000", true)]
    [InlineData(DataRequestKind.Check, 7, "04000000", false)]
    [InlineData(DataRequestKind.Fetch, 7, "02000000", false)]
    public void Request_WithAChunk_Bytes(DataRequestKind kind, int chunk, string kindBytes, bool isValid)
    {
        var request = new DataRequest(kind, new Rank(1), new Epoch(2), Snapshot, default, 0, 0, chunk);
        var frame = new byte[DataRequest.SizeBytes];
        request.Write(frame);
        Assert.StartsWith(kindBytes, Convert.ToHexString(frame));
        Assert.EndsWith(Convert.ToHexString(BitConverter.GetBytes(chunk)), Convert.ToHexString(frame));
        Assert.Equal(isValid, DataRequest.TryRead(frame, out var read));
        Assert.Equal(request, read);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(DataRequest.ProbeBytesMax, true)]
    [InlineData(DataRequest.ProbeBytesMax + 1, false)]
    [InlineData(-1, false)]
    public void Request_Probe_Bytes(long bytes, bool isValid)
    {
        var frame = new byte[DataRequest.SizeBytes];
        DataRequest.Probe(bytes).Write(frame);
        Assert.Equal("05000000" + new string('0', 72) + Convert.ToHexString(BitConverter.GetBytes(bytes)) + new string('0', 16), Convert.ToHexString(frame));
        Assert.Equal(isValid, DataRequest.TryRead(frame, out var read));
        Assert.Equal(DataRequest.Probe(bytes), read);
    }

    [Fact]
    public void Reply_Bytes()
    {
        var reply = new DataReply(DataReplyKind.Content, DataRefusal.NotHeld, new ContentHash(0x7172737475767778), 0x0102030405060708, 0x11121314);
        var frame = new byte[DataReply.SizeBytes];
        reply.Write(frame);
        Assert.Equal("05000000" + "06000000" + "7877767574737271" + "0807060504030201" + "14131211" + "00000000", Convert.ToHexString(frame));
        Assert.True(DataReply.TryRead(frame, out var read));
        Assert.Equal(reply, read);
    }

    [Fact]
    public void Chunk_Bytes()
    {
        var chunk = new ChunkFrame(ChunkFrameKind.Seal, 0x01020304, 0x11121314, 0x8182838485868788);
        var frame = new byte[ChunkFrame.SizeBytes];
        chunk.Write(frame);
        Assert.Equal("02000000" + "04030201" + "14131211" + "00000000" + "8887868584838281", Convert.ToHexString(frame));
        Assert.True(ChunkFrame.TryRead(frame, out var read));
        Assert.Equal(chunk, read);
    }

    [Fact]
    public void TryRead_UnknownKindNegativeOrReserved_IsRefused()
    {
        var request = new byte[DataRequest.SizeBytes];
        foreach (var (offset, value) in new[] { (0, 0), (0, 6), (4, -1), (12, -1), (20, -1), (28, -1), (36, -1), (44, -1), (48, -1), (52, 1) })
        {
            new DataRequest(DataRequestKind.Fetch, default, default, default, default, 0, 0).Write(request);
            BitConverter.TryWriteBytes(request.AsSpan(offset), value);
            Assert.False(DataRequest.TryRead(request, out _));
        }

        var reply = new byte[DataReply.SizeBytes];
        foreach (var (offset, value) in new[] { (0, 0), (0, 6), (4, -1), (4, 10), (20, -1), (24, -1), (28, 1) })
        {
            new DataReply(DataReplyKind.Accept).Write(reply);
            BitConverter.TryWriteBytes(reply.AsSpan(offset), value);
            Assert.False(DataReply.TryRead(reply, out _));
        }

        var chunk = new byte[ChunkFrame.SizeBytes];
        foreach (var (offset, value) in new[] { (0, 0), (0, 5), (4, -1), (8, -1), (12, 1) })
        {
            new ChunkFrame(ChunkFrameKind.Chunk).Write(chunk);
            BitConverter.TryWriteBytes(chunk.AsSpan(offset), value);
            Assert.False(ChunkFrame.TryRead(chunk, out _));
        }
    }
}
