using CsCheck;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;

namespace Gemini.Interfaces.Tests.Wire;

/// <summary>
/// Frames of random bytes. A frame is refused, or it is exactly the frame that its values give: no two frames mean the same, and no byte is unread.
/// </summary>
public sealed class DataPortFramePropertyTests
{
    /// <summary>Mostly small numbers, so that many frames are valid, with some bytes changed.</summary>
    private static Gen<byte[]> Frames(int size) => Gen.Select(
        Gen.OneOf(Gen.Int[0, 9], Gen.Int[-2, 2], Gen.Const(int.MaxValue), Gen.Const(int.MinValue)).Array[size / sizeof(int)],
        Gen.Select(Gen.Int[0, size - 1], Gen.Byte).Array[0, 2],
        (numbers, changes) =>
        {
            var frame = new byte[size];
            Buffer.BlockCopy(numbers, 0, frame, 0, size);
            foreach (var (offset, value) in changes) frame[offset] = value;
            return frame;
        });

    [Fact]
    public void Request_AnyBytes_IsRefusedOrWrittenBack() => Frames(DataRequest.SizeBytes).Sample(
        frame => !DataRequest.TryRead(frame, out var request) || frame.AsSpan().SequenceEqual(Written(request.Write, DataRequest.SizeBytes)), iter: 20_000);

    [Fact]
    public void Reply_AnyBytes_IsRefusedOrWrittenBack() => Frames(DataReply.SizeBytes).Sample(
        frame => !DataReply.TryRead(frame, out var reply) || frame.AsSpan().SequenceEqual(Written(reply.Write, DataReply.SizeBytes)), iter: 20_000);

    [Fact]
    public void Chunk_AnyBytes_IsRefusedOrWrittenBack() => Frames(ChunkFrame.SizeBytes).Sample(
        frame => !ChunkFrame.TryRead(frame, out var chunk) || frame.AsSpan().SequenceEqual(Written(chunk.Write, ChunkFrame.SizeBytes)), iter: 20_000);

    [Fact]
    public void Request_AnyValidValues_ComeBack() => Gen.Select(
        Gen.Enum<DataRequestKind>(), Gen.Int[0, int.MaxValue], Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue],
        Gen.Long[0, long.MaxValue], Gen.Int[0, int.MaxValue], Gen.Int[0, int.MaxValue]).Sample((kind, owner, epoch, iteration, keep, payload, chunkBytes, chunk) =>
        {
            var request = new DataRequest(
                kind, new Rank(owner), new Epoch(epoch), new SnapshotId(new Iteration(iteration), new Epoch(epoch / 2)), new Iteration(keep),
                kind == DataRequestKind.Probe ? payload % (DataRequest.ProbeBytesMax + 1) : payload,
                chunkBytes, kind == DataRequestKind.Chunk ? chunk : 0);
            return DataRequest.TryRead(Written(request.Write, DataRequest.SizeBytes), out var read) && read == request;
        });

    [Fact]
    public void Write_IntoAUsedBuffer_LeavesNothingOfItsContent()
    {
        foreach (var write in (WriteFrame[])
        [
            new DataRequest(DataRequestKind.Fetch, default, default, default, default, 0, 0).Write, DataReply.Refuse(DataRefusal.Busy).Write,
            new ChunkFrame(ChunkFrameKind.Abort).Write,
        ])
        {
            var size = write.Target switch { DataRequest => DataRequest.SizeBytes, DataReply => DataReply.SizeBytes, _ => ChunkFrame.SizeBytes };
            byte[] used = [.. Enumerable.Repeat((byte)0xEE, size + 1)];
            write(used);
            Assert.Equal(Written(write, size), used[..size]);
            Assert.Equal(0xEE, used[size]);
        }
    }

    [Fact]
    public void Refuse_Bytes() => Assert.Equal(
        "03000000" + "09000000" + new string('0', 48), Convert.ToHexString(Written(DataReply.Refuse(DataRefusal.Superseded).Write, DataReply.SizeBytes)));

    /// <summary>The numbers are part of the protocol.</summary>
    [Fact]
    public void Kinds_HaveTheirNumbers()
    {
        Assert.Equal("Replicate=1 Fetch=2 Chunk=3 Check=4 Probe=5", Numbers<DataRequestKind>());
        Assert.Equal("Accept=1 Have=2 Refuse=3 Sealed=4 Content=5", Numbers<DataReplyKind>());
        Assert.Equal("Chunk=1 Seal=2 Abort=3 Wait=4", Numbers<ChunkFrameKind>());
        Assert.Equal(
            "None=0 StaleEpoch=1 UnknownShard=2 OwnShard=3 SizeMismatch=4 Busy=5 NotHeld=6 HashMismatch=7 Malformed=8 Superseded=9", Numbers<DataRefusal>());
        Assert.Equal("Client=67 Server=83", Numbers<HandshakeRole>());
    }

    /// <summary>Every bit of the magic number, the version, the reserved field and the job's name counts; the nonce may be anything.</summary>
    [Fact]
    public void Hello_OneBitDiffers_IsRefusedUnlessItIsTheNonce() => Gen.Int[0, (DataPortHello.SizeBytes * 8) - 1].Sample(bit =>
    {
        var frame = Hello("gpt2");
        frame[bit / 8] ^= (byte)(1 << (bit % 8));
        var problem = DataPortHello.Check(frame, "gpt2");
        return (bit / 8) switch
        {
            < 8 => problem == "it does not speak this protocol",
            < 12 => problem!.StartsWith("it speaks version ", StringComparison.Ordinal) && problem.EndsWith(", this host version 1", StringComparison.Ordinal),
            < 16 => problem == "its reserved field is not zero",
            < 80 => problem == "it belongs to another job",
            _ => problem is null,
        };
    });

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("jöb-日本")]
    [InlineData("123456789012345678901234567890123456789012345678901234567890123")]
    public void Hello_AnyJob_IsAcceptedByThatJobAlone(string job)
    {
        Assert.Null(DataPortHello.Check(Hello(job), job));
        Assert.NotNull(DataPortHello.Check(Hello(job), job + "x"));
        if (job.Length > 0) Assert.NotNull(DataPortHello.Check(Hello(job), job[..^1]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Hello_NonceOfAnotherLength_IsRefused(int bytes)
    {
        var error = Assert.Throws<ArgumentException>(() => DataPortHello.Write(new byte[DataPortHello.SizeBytes], "gpt2", new byte[bytes]));
        Assert.Equal("nonce", error.ParamName);
    }

    /// <summary>The limit is in bytes of UTF-8, and the field ends with a zero.</summary>
    [Theory]
    [InlineData(63, 'x', true)]
    [InlineData(64, 'x', false)]
    [InlineData(31, 'ü', true)]
    [InlineData(32, 'ü', false)]
    public void Hello_JobNameAtTheLimit_FitsOrIsRefused(int count, char sign, bool fits)
    {
        var error = Record.Exception(() => Hello(new string(sign, count)));
        if (fits) Assert.Null(error);
        else Assert.Equal("job", Assert.IsType<ArgumentException>(error).ParamName);
    }

    private delegate void WriteFrame(Span<byte> target);

    private static byte[] Hello(string job)
    {
        var frame = new byte[DataPortHello.SizeBytes];
        DataPortHello.Write(frame, job, Enumerable.Range(0, 32).Select(value => (byte)value).ToArray());
        return frame;
    }

    private static byte[] Written(WriteFrame write, int size)
    {
        var frame = new byte[size];
        write(frame);
        return frame;
    }

    private static string Numbers<T>()
        where T : struct, Enum => string.Join(' ', Enum.GetValues<T>().Select(value => $"{value}={Convert.ToInt64(value, null)}"));
}
