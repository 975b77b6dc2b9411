using CsCheck;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Interfaces.Tests.SharedMemory;

public sealed class SegmentLayoutTests
{
    [Theory]
    [InlineData(1, 1, 1, 8192, 12288)]
    [InlineData(4096, 4096, 1, 8192, 12288)]
    [InlineData(4097, 4096, 2, 8192, 16384)]
    [InlineData(512, 1, 512, 8192, 12288)]
    [InlineData(513, 1, 513, 12288, 16384)]
    [InlineData(1 << 20, 1 << 20, 1, 8192, 8192 + (1 << 20))]
    [InlineData((1 << 20) + 1, 1 << 20, 2, 8192, 8192 + (1 << 20) + 4096)]
    [InlineData(1L << 40, 1 << 20, 1 << 20, 4096 + (8 << 20), (1L << 40) + 4096 + (8 << 20))]
    public void Sizes_AreThoseOfThePage(long payloadBytes, int chunkBytes, int chunks, long offset, long fileBytes) => Assert.Equal(
        (chunks, offset, fileBytes),
        (SegmentLayout.ChunkCount(payloadBytes, chunkBytes), SegmentLayout.PayloadOffset(payloadBytes, chunkBytes), SegmentLayout.FileBytes(payloadBytes, chunkBytes)));

    [Fact]
    public void Sizes_AnyPayload_HaveRoomForEveryByteInWholePages() =>
        Gen.Select(Gen.Long[1, 1L << 45], Gen.Int[1 << 16, int.MaxValue]).Sample((payloadBytes, chunkBytes) =>
        {
            long chunks = SegmentLayout.ChunkCount(payloadBytes, chunkBytes);
            long offset = SegmentLayout.PayloadOffset(payloadBytes, chunkBytes), file = SegmentLayout.FileBytes(payloadBytes, chunkBytes);
            return chunks * chunkBytes >= payloadBytes && (chunks - 1) * chunkBytes < payloadBytes
                && offset % 4096 == 0 && offset >= 4096 + (8 * chunks) && offset < 4096 + (8 * chunks) + 4096
                && file % 4096 == 0 && file >= offset + payloadBytes && file < offset + payloadBytes + 4096;
        });

    /// <summary>The table of the chunks has an index of 31 bits.</summary>
    [Fact]
    public void ChunkCount_MoreChunksThanAnIndexCounts_Throws()
    {
        Assert.Equal(int.MaxValue, SegmentLayout.ChunkCount(int.MaxValue, 1));
        Assert.Throws<OverflowException>(() => SegmentLayout.ChunkCount(int.MaxValue + 1L, 1));
        Assert.Throws<OverflowException>(() => SegmentLayout.ChunkCount(long.MaxValue, int.MaxValue));
    }
}
