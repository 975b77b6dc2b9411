using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using CsCheck;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Interfaces.Tests.SharedMemory;

/// <summary>One segment file: its bytes as SEGMENT.md states them, the life of its content, and damaged files.</summary>
public sealed class MappedSegmentTests : IDisposable
{
    private const int ChunkBytes = 4096;
    private const int PayloadBytes = (2 * ChunkBytes) + 100;
    private const int FileBytes = 4096 + 4096 + (3 * 4096);

    private static readonly SegmentIdentity Identity = new("jöb", new Rank(0x01020304), new JobRun(new Guid("00112233-4455-6677-8899-aabbccddeeff"), 0x05060708));
    private static readonly SnapshotId Snapshot = new(new Iteration(0x1112131415161718), new Epoch(0x2122232425262728));

    private readonly string _folder = Directory.CreateTempSubdirectory("gemini-segment-").FullName;

    private string Name => System.IO.Path.Combine(_folder, "slot");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Create_Bytes()
    {
        using var segment = Create();
        var file = File.ReadAllBytes(Name);
        Assert.Equal(
            "47454D494E495347" + "02000000" + "00000000" + "04030201" + "00100000" + new string('0', 32) + "6420000000000000" + new string('0', 32)
            + "6AC3B662" + new string('0', 120) + "00112233445566778899AABBCCDDEEFF" + "08070605" + new string('0', 24),
            Convert.ToHexString(file.AsSpan(0, 160)));
        Assert.Equal(FileBytes, file.Length);
        Assert.All(file.Skip(160), value => Assert.Equal(0, value));
        Assert.Equal(PrivateFile.Mode, File.GetUnixFileMode(Name));
    }

    /// <summary>It runs beside a writer, and beside readers of a sealed segment.</summary>
    [Fact]
    public void FaultIn_ChangesNothing()
    {
        using var segment = Sealed();
        var before = File.ReadAllBytes(Name);
        Assert.Null(segment.FaultIn());
        Assert.All(Enumerable.Range(0, segment.ChunkCount), chunk => Assert.Null(segment.FaultIn(chunk)));
        Assert.Equal(before, File.ReadAllBytes(Name));
    }

    [Fact]
    public void Seal_Bytes()
    {
        using var segment = Sealed();
        var file = File.ReadAllBytes(Name);
        var table = new ulong[3];
        for (var chunk = 0; chunk < 3; chunk++)
        {
            var bytes = file.AsSpan(8192 + (chunk * ChunkBytes), chunk < 2 ? ChunkBytes : 100);
            Assert.All(bytes.ToArray(), value => Assert.Equal(chunk + 1, value));
            table[chunk] = XxHash3.HashToUInt64(bytes);
        }

        Assert.Equal(MemoryMarshal.AsBytes(table.AsSpan()).ToArray(), file[4096..(4096 + 24)]);
        var hash = XxHash3.HashToUInt64(file.AsSpan(4096, 24));
        Assert.Equal("06000000", Convert.ToHexString(file.AsSpan(12, 4)));
        Assert.Equal("2827262524232221" + "1817161514131211" + "6420000000000000" + "6420000000000000", Convert.ToHexString(file.AsSpan(24, 32)));
        Assert.Equal(hash, BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(56)));
        Assert.Equal(new ContentHash(hash), segment.Hash);
        var covered = file[..152];
        covered.AsSpan(12, 4).Clear();
        covered.AsSpan(48, 8).Clear();
        Assert.Equal(XxHash3.HashToUInt64(covered), BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(152)));
    }

    [Fact]
    public void Open_AFileOfAnotherProcess_HasEverything()
    {
        Sealed().Dispose();
        using var segment = MappedSegment.Open(Name);
        Assert.Equal((Identity, new Rank(0x01020304), "jöb"), (segment.Identity, segment.Owner, segment.JobName));
        Assert.Equal((SegmentState.Sealed, Snapshot, (long)PayloadBytes), (segment.State, segment.Snapshot, segment.CapturedBytes));
        Assert.Equal((PayloadBytes, ChunkBytes, 3, FileBytes), (segment.PayloadBytes, segment.ChunkBytes, segment.ChunkCount, segment.FileBytes));
        Assert.Equal((true, -1, Name), (segment.IsHeaderSound, segment.FindBadChunk(), segment.Path));
        Assert.Equal(segment.Hash, segment.HashOfChunkTable());
    }

    [Fact]
    public void TwoMappings_OneWrites_TheOtherSeesIt()
    {
        using var writer = Create();
        using var reader = MappedSegment.Open(Name);
        Assert.Equal(SegmentState.Free, reader.State);
        writer.BeginWrite(Snapshot);
        Assert.Equal((SegmentState.Writing, Snapshot, 0L), (reader.State, reader.Snapshot, reader.CapturedBytes));
        writer.Chunk(1)[5] = 9;
        writer.ChunkHashes[1] = 77;
        writer.AdvanceCaptured(ChunkBytes);
        Assert.Equal(((long)ChunkBytes, (byte)9, 77ul), (reader.CapturedBytes, reader.Chunk(1)[5], reader.ChunkHashes[1]));
        var hash = writer.Seal();
        Assert.Equal((SegmentState.Sealed, hash, (long)PayloadBytes), (reader.State, reader.Hash, reader.CapturedBytes));
        writer.Free();
        Assert.Equal(SegmentState.Free, reader.State);
    }

    /// <summary>The old content must not look like a part of the new one.</summary>
    [Fact]
    public void BeginWrite_OverASealedContent_StartsAnew()
    {
        using var segment = Sealed();
        var next = new SnapshotId(new Iteration(8), new Epoch(2));
        segment.BeginWrite(next);
        Assert.Equal((SegmentState.Writing, next, 0L, default), (segment.State, segment.Snapshot, segment.CapturedBytes, segment.Hash));
        segment.Seal();
        Assert.True(segment.IsHeaderSound);
    }

    [Fact]
    public void Chunk_EachHasItsSizeAndPlace()
    {
        using var segment = Sealed();
        Assert.Equal([ChunkBytes, ChunkBytes, 100], Enumerable.Range(0, 3).Select(index => segment.Chunk(index).Length));
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Chunk(3).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Chunk(-1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Chunk(int.MinValue).Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void FindBadChunk_OneBitDiffers_IsItsChunk(int chunk)
    {
        using var segment = Sealed();
        segment.Chunk(chunk)[^1] ^= 0x80;
        Assert.Equal(chunk, segment.FindBadChunk());
        segment.Chunk(chunk)[^1] ^= 0x80;
        segment.ChunkHashes[chunk] ^= 1;
        Assert.Equal(chunk, segment.FindBadChunk());
        Assert.NotEqual(segment.Hash, segment.HashOfChunkTable());
    }

    /// <summary>State and watermark change while the content stays the same; every other bit of the header counts.</summary>
    [Fact]
    public void IsHeaderSound_OneBitDiffers_IsFalseUnlessItIsStateOrWatermark()
    {
        using var segment = Sealed();
        Gen.Int[0, (160 * 8) - 1].Sample(bit =>
        {
            Flip(bit / 8, 1 << (bit % 8));
            var isSound = segment.IsHeaderSound;
            Flip(bit / 8, 1 << (bit % 8));
            return isSound == ((bit / 8) is (>= 12 and < 16) or (>= 48 and < 56)) && segment.IsHeaderSound;
        }, threads: 1);
    }

    /// <summary>The writer computes the check from what it means to store, so a bit that flips while it writes is found.</summary>
    [Theory]
    [InlineData(24)]
    [InlineData(32)]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(144)]
    public void Seal_HeaderWasDamagedMeanwhile_IsNotSound(int offset)
    {
        using var segment = Create();
        segment.BeginWrite(Snapshot);
        Flip(offset, 4);
        segment.Seal();
        Assert.Equal(SegmentState.Sealed, segment.State);
        Assert.False(segment.IsHeaderSound);
    }

    [Fact]
    public void RestoreFixedFields_AnyOfThemIsDamaged_TheFileIsAsBefore()
    {
        using var segment = Sealed();
        var before = File.ReadAllBytes(Name);
        foreach (var offset in (int[])[0, 8, 16, 20, 40, 64, 127, 128, 143, 144, 148, 151]) Flip(offset, 0x21);
        segment.RestoreFixedFields();
        Assert.Equal(before, File.ReadAllBytes(Name));

        // What changes from content to content stays as it is.
        foreach (var offset in (int[])[12, 24, 32, 48, 56, 152]) Flip(offset, 0x21);
        var damaged = File.ReadAllBytes(Name);
        segment.RestoreFixedFields();
        Assert.Equal(damaged, File.ReadAllBytes(Name));
    }

    /// <summary>Values in the file: 0 free, 1 writing, 6 sealed. No single flipped bit makes another state look sealed.</summary>
    [Theory]
    [InlineData(0, SegmentState.Free)]
    [InlineData(1, SegmentState.Writing)]
    [InlineData(6, SegmentState.Sealed)]
    [InlineData(2, SegmentState.Damaged)]
    [InlineData(4, SegmentState.Damaged)]
    [InlineData(7, SegmentState.Damaged)]
    [InlineData(-1, SegmentState.Damaged)]
    [InlineData(int.MinValue, SegmentState.Damaged)]
    public void State_AnyStoredValue_IsOneOfFour(int stored, SegmentState state)
    {
        using var segment = Create();
        WriteInt32(12, stored);
        Assert.Equal(state, segment.State);
        Assert.Equal(state is SegmentState.Sealed or SegmentState.Damaged, segment.GiveUp());
        Assert.Equal(state == SegmentState.Writing ? SegmentState.Writing : SegmentState.Free, segment.State);
    }

    [Fact]
    public void GiveUp_FixedFieldsAreDamaged_WritesThemAgain()
    {
        using var segment = Sealed();
        Flip(64, 0xFF);
        Assert.True(segment.GiveUp());
        using var next = MappedSegment.Open(Name);
        Assert.Equal(Identity, next.Identity);
    }

    [Fact]
    public void CopyTo_NameOfTheSegmentIsGone_HasEveryByte()
    {
        using var segment = Sealed();
        var before = File.ReadAllBytes(Name);
        Assert.True(segment.HasName);
        File.Delete(Name);
        Assert.False(segment.HasName);

        segment.CopyTo(Name + ".copy");

        Assert.Equal(before, File.ReadAllBytes(Name + ".copy"));
        Assert.Equal(PrivateFile.Mode, File.GetUnixFileMode(Name + ".copy"));
        Assert.ThrowsAny<IOException>(() => segment.CopyTo(Name + ".copy"));
    }

    /// <summary>A new file of the same name is not the one that is mapped.</summary>
    [Fact]
    public void HasName_AnotherFileHasTheName_IsFalse()
    {
        using var segment = Create();
        File.Delete(Name);
        File.WriteAllText(Name, "another");
        Assert.False(segment.HasName);
    }

    [Theory]
    [InlineData(0, 4096)]
    [InlineData(-1, 4096)]
    [InlineData(long.MinValue, 4096)]
    [InlineData(4096, 0)]
    [InlineData(4096, -1)]
    public void Create_SizeIsNotPositive_IsRefused(long payloadBytes, int chunkBytes)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => MappedSegment.Create(Name, Identity, payloadBytes, chunkBytes));
        Assert.False(File.Exists(Name));
    }

    /// <summary>The limit is in bytes of UTF-8.</summary>
    [Theory]
    [InlineData(63, 'x', true)]
    [InlineData(64, 'x', false)]
    [InlineData(31, 'ü', true)]
    [InlineData(32, 'ü', false)]
    public void Create_JobNameAtTheLimit_FitsOrIsRefused(int count, char sign, bool fits)
    {
        var identity = Identity with { Job = new string(sign, count) };
        if (fits)
        {
            using var segment = MappedSegment.Create(Name, identity, 1);
            Assert.Equal(identity, segment.Identity);
            return;
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => MappedSegment.Create(Name, identity, 1));
        Assert.False(File.Exists(Name));
    }

    [Fact]
    public void Create_NameIsTaken_IsRefusedAndTheFileStays()
    {
        File.WriteAllText(Name, "mine");
        Assert.ThrowsAny<IOException>(() => Create());
        Assert.Equal("mine", File.ReadAllText(Name));
    }

    [Fact]
    public void Open_NoSuchFile_SaysSo() => Assert.Throws<FileNotFoundException>(() => MappedSegment.Open(Name));

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(4095)]
    public void Open_FileWithoutAWholeHeader_IsNoSegment(int bytes)
    {
        File.WriteAllBytes(Name, new byte[bytes]);
        var refused = Assert.Throws<InvalidDataException>(() => MappedSegment.Open(Name));
        Assert.Equal($"{Name} is not a segment: it has {bytes} bytes.", refused.Message);
    }

    [Fact]
    public void Open_AnotherFile_IsNoSegment()
    {
        Create().Dispose();
        for (var offset = 0; offset < 8; offset++)
        {
            Flip(offset, 1);
            Assert.Equal($"{Name} is not a segment: wrong magic number.", Assert.Throws<InvalidDataException>(() => MappedSegment.Open(Name)).Message);
            Flip(offset, 1);
        }

        MappedSegment.Open(Name).Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(-1)]
    public void Open_AnotherVersion_IsAnErrorOfItsOwn(int version)
    {
        Create().Dispose();
        WriteInt32(8, version);
        var refused = Assert.Throws<LayoutVersionException>(() => MappedSegment.Open(Name));
        Assert.Equal($"{Name} has segment layout version {version}; this program reads version 2.", refused.Message);
    }

    /// <summary>Sizes that do not fit the file: mapping them would read beyond its end.</summary>
    [Theory]
    [InlineData(0, ChunkBytes)]
    [InlineData(-1, ChunkBytes)]
    [InlineData(long.MinValue, ChunkBytes)]
    [InlineData(long.MaxValue, ChunkBytes)]
    [InlineData(long.MaxValue, int.MaxValue)]
    [InlineData(FileBytes + 1, ChunkBytes)]
    [InlineData(FileBytes, ChunkBytes)]
    [InlineData(1, ChunkBytes)]
    [InlineData(PayloadBytes, 0)]
    [InlineData(PayloadBytes, -1)]
    [InlineData(PayloadBytes, int.MinValue)]
    [InlineData(PayloadBytes, 1)]
    public void Open_SizesThatDoNotFitTheFile_IsDamaged(long payloadBytes, int chunkBytes)
    {
        Create().Dispose();
        WriteInt32(20, chunkBytes);
        WriteBytes(40, BitConverter.GetBytes(payloadBytes));
        var refused = Assert.Throws<InvalidDataException>(() => MappedSegment.Open(Name));
        Assert.Equal($"{Name} is damaged: {payloadBytes} payload bytes do not fit a file of {FileBytes} bytes.", refused.Message);
    }

    /// <summary>A file that is almost only a hole, with a header whose chunks cannot be counted or whose sizes overflow.</summary>
    [Theory]
    [InlineData(1L << 32, 1)]
    [InlineData((1L << 40) - 4096, 1)]
    [InlineData((1L << 40) - 4096, 511)]
    [InlineData(long.MaxValue, int.MaxValue)]
    public void Open_AbsurdSizesInALargeFile_IsDamaged(long payloadBytes, int chunkBytes)
    {
        Create().Dispose();
        WriteInt32(20, chunkBytes);
        WriteBytes(40, BitConverter.GetBytes(payloadBytes));
        using (var file = File.OpenHandle(Name, FileMode.Open, FileAccess.ReadWrite)) RandomAccess.SetLength(file, 1L << 40);
        var refused = Assert.Throws<InvalidDataException>(() => MappedSegment.Open(Name));
        Assert.Equal($"{Name} is damaged: {payloadBytes} payload bytes do not fit a file of {1L << 40} bytes.", refused.Message);
    }

    [Theory]
    [InlineData(FileBytes - 1)]
    [InlineData(FileBytes - 4096)]
    [InlineData(4096)]
    [InlineData(FileBytes + 1)]
    [InlineData(2 * FileBytes)]
    public void Open_FileOfAnotherLength_IsDamaged(long bytes)
    {
        Create().Dispose();
        using (var file = File.OpenHandle(Name, FileMode.Open, FileAccess.ReadWrite)) RandomAccess.SetLength(file, bytes);
        Assert.EndsWith($"do not fit a file of {bytes} bytes.", Assert.Throws<InvalidDataException>(() => MappedSegment.Open(Name)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_Twice_IsAllowed()
    {
        var segment = Create();
        segment.Dispose();
        segment.Dispose();
        MappedSegment.Open(Name).Dispose();
    }

    private MappedSegment Create() => MappedSegment.Create(Name, Identity, PayloadBytes, ChunkBytes);

    private MappedSegment Sealed()
    {
        var segment = Create();
        segment.BeginWrite(Snapshot);
        for (var index = 0; index < segment.ChunkCount; index++)
        {
            segment.Chunk(index).Fill((byte)(index + 1));
            segment.ChunkHashes[index] = XxHash3.HashToUInt64(segment.Chunk(index));
        }

        segment.Seal();
        return segment;
    }

    private void Flip(int offset, int bits)
    {
        using var file = File.OpenHandle(Name, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Span<byte> value = stackalloc byte[1];
        RandomAccess.Read(file, value, offset);
        value[0] ^= (byte)bits;
        RandomAccess.Write(file, value, offset);
    }

    private void WriteInt32(int offset, int value) => WriteBytes(offset, BitConverter.GetBytes(value));

    private void WriteBytes(int offset, byte[] bytes)
    {
        using var file = File.OpenHandle(Name, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        RandomAccess.Write(file, bytes, offset);
    }
}
