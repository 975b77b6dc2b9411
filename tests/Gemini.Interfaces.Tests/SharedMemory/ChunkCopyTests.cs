using System.IO.Hashing;
using CsCheck;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Interfaces.Tests.SharedMemory;

/// <summary>Copies in parts of any length, from and to any address.</summary>
public sealed class ChunkCopyTests
{
    private const int PartMax = (2 * ChunkCopy.PieceBytes) + 300;

    private static readonly byte[] Source = Bytes(4 * PartMax);

    private static readonly Gen<int> Length = Gen.OneOf(Gen.Int[1, 300], Gen.Int[1, PartMax]);

    [Fact]
    public void Append_AnyPartsAtAnyAddresses_CopiesAllBytes_AndHashesThem() =>
        Gen.Select(Length.Array[1, 3], Gen.Int[0, 70], Gen.Int[0, 70]).Sample((lengths, from, to) =>
        {
            var total = lengths.Sum();
            var target = Bytes(to + total + 40);
            var around = target.ToArray();
            var copy = new ChunkCopy();
            var done = 0;
            foreach (var length in lengths)
            {
                copy.Append(Source.AsSpan(from + done, length), target.AsSpan(to + done));
                done += length;
            }

            var hash = copy.End();
            return hash == XxHash3.HashToUInt64(Source.AsSpan(from, total))
                && target.AsSpan(to, total).SequenceEqual(Source.AsSpan(from, total))
                && target.AsSpan(0, to).SequenceEqual(around.AsSpan(0, to))
                && target.AsSpan(to + total).SequenceEqual(around.AsSpan(to + total));
        });

    [Fact]
    public void AppendZeros_ClearsTheTarget_AndCounts()
    {
        var target = Bytes(100);
        var copy = new ChunkCopy();
        copy.Append(Source.AsSpan(0, 60), target);
        copy.AppendZeros(target.AsSpan(60));
        byte[] expected = [.. Source.AsSpan(0, 60), .. new byte[40]];
        Assert.Equal(XxHash3.HashToUInt64(expected), copy.End());
        Assert.Equal(expected, target);
    }

    [Fact]
    public void Skip_CountsAndCopiesNothing()
    {
        var target = new byte[40];
        var copy = new ChunkCopy();
        copy.Skip(Source.AsSpan(0, 60));
        copy.Append(Source.AsSpan(60, 40), target);
        Assert.Equal(XxHash3.HashToUInt64(Source.AsSpan(0, 100)), copy.End());
        Assert.Equal(Source[60..100], target);
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
