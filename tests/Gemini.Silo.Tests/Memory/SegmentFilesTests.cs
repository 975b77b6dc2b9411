using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Memory;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Memory;

/// <summary>The files of segments: their names, and that a file has its name only when it is complete.</summary>
public sealed class SegmentFilesTests : IDisposable
{
    private static readonly Rank Zero = new(0);
    private static readonly SegmentIdentity Identity = new(Job, Zero);

    private readonly TestMemory _host = new();

    private string Path => _host.Paths.Segment(Zero, 0);

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("rank-00000.slot-0", 0, 0)]
    [InlineData("rank-00012.slot-1", 12, 1)]
    [InlineData("rank-123456.slot-1", 123456, 1)]
    [InlineData("/dev/shm/x.y/rank-00003.slot-0", 3, 0)]
    public void TryParseName_OfASegment_IsOwnerAndSlot(string path, int owner, int slot)
    {
        Assert.True(SegmentFiles.TryParseName(path, out var foundOwner, out var foundSlot));
        Assert.Equal((new Rank(owner), slot), (foundOwner, foundSlot));
    }

    /// <summary>Every other file in the folder is left alone, so its name must not be taken for a segment's.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("rank-00000")]
    [InlineData("rank-00000.slot-2")]
    [InlineData("rank-00000.slot-")]
    [InlineData("rank-00000.slot--1")]
    [InlineData("rank-.slot-0")]
    [InlineData("rank--0001.slot-0")]
    [InlineData("rank-+0001.slot-0")]
    [InlineData("rank- 0001.slot-0")]
    [InlineData("rank-99999999999.slot-0")]
    [InlineData("rank-00000.staging")]
    [InlineData("rank-00000.slot-0.new")]
    [InlineData("rank-00000.slot-0.00000002.aside")]
    [InlineData("xrank-00000.slot-0")]
    [InlineData("Rank-00000.slot-0")]
    [InlineData("trainer-0.lock")]
    public void TryParseName_OfAnotherFile_IsNone(string path) => Assert.False(SegmentFiles.TryParseName(path, out _, out _));

    [Fact]
    public void Create_IsWholeAndFreeAndHasNoUnfinishedFileBesideIt()
    {
        using var segment = SegmentFiles.Create(Path, Identity, PayloadBytes, ChunkBytes);
        Assert.Equal((SegmentState.Free, Zero, PayloadBytes, ChunkBytes), (segment.State, segment.Owner, segment.PayloadBytes, segment.ChunkBytes));
        Assert.Equal([Path], Directory.GetFiles(_host.Paths.Directory));
        Assert.Equal(PrivateFile.Mode, File.GetUnixFileMode(Path));
        // Every page is there: a store can then never fail for want of room.
        Assert.Equal(new FileInfo(Path).Length, segment.FileBytes);
        Assert.True(AllocatedBytes(Path) >= segment.FileBytes, $"{AllocatedBytes(Path)} of {segment.FileBytes} bytes are allocated");
    }

    [Fact]
    public void Create_LeftoverOfACrash_IsReplaced()
    {
        File.WriteAllText(Path + SegmentFiles.UnfinishedSuffix, new string('x', 1 << 20));
        using var segment = SegmentFiles.Create(Path, Identity, PayloadBytes, ChunkBytes);
        Assert.Equal([Path], Directory.GetFiles(_host.Paths.Directory));
        Assert.Equal(segment.FileBytes, new FileInfo(Path).Length);
    }

    [Fact]
    public void Create_ThereIsNoRoom_LeavesTheOldFileAndNoUnfinishedOne()
    {
        SegmentFiles.Create(Path, Identity, PayloadBytes, ChunkBytes).Dispose();
        var error = Assert.Throws<HostMemoryException>(() => SegmentFiles.Create(Path, Identity, 1L << 42, SegmentLayout.DefaultChunkBytes));
        Assert.Contains("the file system is full", error.Message, StringComparison.Ordinal);
        Assert.Equal([Path], Directory.GetFiles(_host.Paths.Directory));
        using var old = MappedSegment.Open(Path);
        Assert.Equal(PayloadBytes, old.PayloadBytes);
    }

    /// <summary>Somebody has deleted the host's folder, too.</summary>
    [Fact]
    public void Make_TheFolderIsMissing_SaysSoAndWhatHelps()
    {
        using var source = SegmentFiles.Create(Path, Identity, PayloadBytes, ChunkBytes);
        Directory.Delete(_host.Paths.Directory, recursive: true);
        foreach (var make in new Action[] { () => SegmentFiles.Create(Path, Identity, PayloadBytes, ChunkBytes), () => SegmentFiles.Duplicate(source, Path) })
        {
            var error = Assert.Throws<HostMemoryException>(make);
            Assert.Equal($"The segment {Path} cannot be made: its folder does not exist. Start the host again: it makes the folder.", error.Message);
        }
    }

    /// <summary>Somebody has deleted the file. Its bytes are still mapped, and get a file again.</summary>
    [Fact]
    public void Duplicate_OfADeletedFile_HasEveryByte()
    {
        using var source = SegmentFiles.Create(Path, Identity, PayloadBytes, ChunkBytes);
        ContentHash hash;
        using (var trainer = _host.Trainer(Zero, 0)) hash = trainer.Capture(Snapshot(4));
        File.Delete(Path);

        using var copy = SegmentFiles.Duplicate(source, Path);

        Assert.Equal((SegmentState.Sealed, Snapshot(4), hash), (copy.State, copy.Snapshot, copy.Hash));
        Assert.Equal(hash, copy.HashOfChunkTable());
        Assert.Equal(-1, copy.FindBadChunk());
        using var opened = _host.Trainer(Zero, 0);
        Assert.True(opened.HasContentOf(Snapshot(4)));
        source.Chunk(0)[0] ^= 1;
        Assert.True(opened.HasContentOf(Snapshot(4)));
    }

    /// <summary>A copy of another silo may lack pages, for example after a machine's dump. Reserving them changes no byte.</summary>
    [Fact]
    public void Reserve_FileWithHoles_HasAllPagesAndTheSameContent()
    {
        PrivateFile.Create(Path).Dispose();
        File.WriteAllText(Path, "begin");
        using (var file = new FileStream(Path, FileMode.Open)) file.SetLength(1 << 20);
        Assert.True(AllocatedBytes(Path) < 1 << 20);
        SegmentFiles.Reserve(Path);
        Assert.True(AllocatedBytes(Path) >= 1 << 20);
        Assert.Equal("begin", File.ReadAllText(Path).TrimEnd('\0'));
    }

    /// <summary>What <c>stat</c> calls blocks, in bytes.</summary>
    private static long AllocatedBytes(string path)
    {
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%b %B", path]) { RedirectStandardOutput = true })!;
        var words = process.StandardOutput.ReadToEnd().Split(' ');
        process.WaitForExit();
        return long.Parse(words[0]) * long.Parse(words[1]);
    }
}
