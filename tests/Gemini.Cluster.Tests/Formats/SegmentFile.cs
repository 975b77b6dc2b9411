using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Gemini.Cluster.Tests.Formats;

/// <summary>A segment, read as SEGMENT.md describes it, without any of the program's code.</summary>
internal sealed record SegmentFile(int State, int Owner, long Epoch, long Iteration, string Job, byte[] Payload)
{
    public const int Sealed = 6;

    private const int HeaderBytes = 4096;
    private const int PageBytes = 4096;

    /// <summary>Reads a file and checks everything that can be checked.</summary>
    public static SegmentFile Read(string path)
    {
        var file = File.ReadAllBytes(path);
        Assert.Equal("GEMINISG", Encoding.ASCII.GetString(file, 0, 8));
        Assert.Equal(2, Int32(8));
        int chunkBytes = Int32(20);
        var payloadBytes = Int64(40);
        var chunks = (int)((payloadBytes + chunkBytes - 1) / chunkBytes);
        var table = file.AsSpan(HeaderBytes, chunks * sizeof(ulong)).ToArray();
        var payloadOffset = HeaderBytes + RoundUp(table.Length);
        Assert.Equal(payloadOffset + RoundUp(payloadBytes), file.Length);
        var payload = file.AsSpan(payloadOffset, checked((int)payloadBytes)).ToArray();
        if (Int32(12) == Sealed)
        {
            Assert.Equal(payloadBytes, Int64(48));
            var fields = file.AsSpan(0, 152).ToArray();
            fields.AsSpan(12, 4).Clear();
            fields.AsSpan(48, 8).Clear();
            Assert.Equal(XxHash3.HashToUInt64(fields), BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(152)));
            Assert.Equal(XxHash3.HashToUInt64(table), BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(56)));
            for (var chunk = 0; chunk < chunks; chunk++)
            {
                var bytes = payload.AsSpan(chunk * chunkBytes);
                var hash = XxHash3.HashToUInt64(bytes[..Math.Min(chunkBytes, bytes.Length)]);
                Assert.Equal(BinaryPrimitives.ReadUInt64LittleEndian(table.AsSpan(chunk * sizeof(ulong))), hash);
            }
        }

        return new SegmentFile(Int32(12), Int32(16), Int64(24), Int64(32), Encoding.UTF8.GetString(file, 64, 64).TrimEnd('\0'), payload);

        int Int32(int offset) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(offset));
        long Int64(int offset) => BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(offset));
    }

    /// <summary>Flips one bit in the middle of the payload, like a cosmic ray.</summary>
    public static void FlipBit(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var header = new byte[HeaderBytes];
        RandomAccess.Read(file, header, 0);
        var (chunkBytes, payloadBytes) = (BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(20)), BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(40)));
        var chunks = (payloadBytes + chunkBytes - 1) / chunkBytes;
        var offset = HeaderBytes + RoundUp(chunks * sizeof(ulong)) + (payloadBytes / 2);
        var bytes = new byte[1];
        RandomAccess.Read(file, bytes, offset);
        bytes[0] ^= 0x20;
        RandomAccess.Write(file, bytes, offset);
    }

    private static int RoundUp(long bytes) => checked((int)((bytes + PageBytes - 1) / PageBytes * PageBytes));
}
