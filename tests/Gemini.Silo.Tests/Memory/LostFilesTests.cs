using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Memory;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Memory;

/// <summary>The host's folder in /dev/shm is emptied while the job runs. Real files of a tmpfs.</summary>
public sealed class LostFilesTests : IDisposable
{
    private static readonly Rank Zero = new(0);
    private readonly TestMemory _host = new();

    private HostMemory Memory => _host.Memory;

    public void Dispose() => _host.Dispose();

    [Fact]
    public void EnsureShard_TheFolderWasDeleted_KeepsBothCopiesAndANewSiloFindsThem()
    {
        Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        var hashes = new[] { _host.Capture(Zero, 0, Snapshot(1)), _host.Capture(Zero, 1, Snapshot(2)) };
        DeleteFolder();

        Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);

        Assert.True(Memory.Verify(Zero, Snapshot(1), hashes[0], out _));
        Assert.True(Memory.Verify(Zero, Snapshot(2), hashes[1], out _));
        Assert.Equal(HostMemory.BytesFor(PayloadBytes, ChunkBytes), Memory.MemoryBytes);
        var restarted = _host.Restart();
        restarted.Adopt();
        Assert.Equal([Snapshot(1), Snapshot(2)], restarted.Inventory().Select(copy => copy.Snapshot));
    }

    [Fact]
    public void EnsureShard_OneFileWasDeleted_TrainerAndSiloMapTheSameFileAfterwards()
    {
        Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        _host.Capture(Zero, 0, Snapshot(1));
        File.Delete(_host.Paths.Segment(Zero, 0));

        Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        var hash = _host.Capture(Zero, 0, Snapshot(3));

        Assert.True(Memory.Verify(Zero, Snapshot(3), hash, out _));
        Assert.Equal((Memory.SlotsOf(Zero, Snapshot(3)).Slots[0], 0), (_host.Paths.Segment(Zero, 0), Memory.SlotsOf(Zero, Snapshot(3)).LoadSlot));
    }

    [Fact]
    public void RestoreFiles_HeldCopies_GetFilesAtOnceAndReadersKeepWhatTheyRead()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        Receive(Memory.TryBeginReceive(Request(0, Snapshot(1))).Lease!, out var hash);
        using var reader = Memory.TryRead(Zero, Snapshot(1));
        DeleteFolder();
        Assert.Null(Memory.Warning);

        Assert.False(Memory.RestoreFiles());

        Assert.True(reader!.Verify(hash, out _));
        Assert.Contains("RemoveIPC", Memory.Warning, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(_host.Paths.Directory).Length);
        Assert.True(Memory.Verify(Zero, Snapshot(1), hash, out _));
        using var other = _host.Open();
        other.Adopt();
        Assert.True(other.Verify(Zero, Snapshot(1), hash, out _));
    }

    [Fact]
    public void RestoreFiles_Twice_ChangesNothingTheSecondTime()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        DeleteFolder();
        Memory.RestoreFiles();
        var written = File.GetCreationTimeUtc(_host.Paths.Segment(Zero, 0));
        Assert.False(Memory.RestoreFiles());
        Assert.Equal(written, File.GetCreationTimeUtc(_host.Paths.Segment(Zero, 0)));
    }

    [Fact]
    public void RestoreFiles_WhileACopyIsReceived_WaitsForItsEnd()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        var receive = Memory.TryBeginReceive(Request(0, Snapshot(1))).Lease!;
        DeleteFolder();
        Memory.RestoreFiles();
        Assert.Single(Directory.GetFiles(_host.Paths.Directory));

        Receive(receive, out var hash);
        Memory.RestoreFiles();
        using var other = _host.Open();
        other.Adopt();
        Assert.True(other.Verify(Zero, Snapshot(1), hash, out _));
    }

    /// <summary>The trainer writes to its mapped file until it is stopped.</summary>
    [Fact]
    public void RestoreFiles_OwnCopies_AreLeftToEnsureShard()
    {
        Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        using var trainer = _host.Trainer(Zero, 0);
        DeleteFolder();

        Assert.True(Memory.RestoreFiles());
        Assert.Empty(Directory.GetFiles(_host.Paths.Directory));
        var hash = trainer.Capture(Snapshot(1));
        Assert.True(Memory.Verify(Zero, Snapshot(1), hash, out _));

        Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        Assert.False(Memory.RestoreFiles());
        Assert.True(Memory.Verify(Zero, Snapshot(1), hash, out _));
    }

    [Fact]
    public void TryEnsureGuest_TheFolderWasDeleted_MakesItAgain()
    {
        DeleteFolder();
        Assert.Null(Memory.TryEnsureGuest(Zero, PayloadBytes, ownNeedBytes: 0));
        Assert.Single(Directory.GetFiles(_host.Paths.Directory));
    }

    /// <summary>Like an uncorrectable memory error: the kernel cannot provide the page, and an access to it is SIGBUS.</summary>
    [Fact]
    public void EnsureShard_AdoptedSegmentLacksPages_GivesTheCopyUpAndMakesANewOne()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        _host.Capture(Zero, 0, Snapshot(1));
        var memory = _host.Restart();
        memory.Adopt();
        using (var file = new FileStream(_host.Paths.Segment(Zero, 0), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(SegmentLayout.HeaderBytes);

        memory.EnsureShard(Zero, PayloadBytes);

        Assert.Empty(memory.Inventory());
        Assert.Contains("the kernel cannot provide its pages", Assert.Single(memory.Damages.Newest).Reason, StringComparison.Ordinal);
        Assert.NotNull(memory.TryBeginReceive(Request(0, Snapshot(2))).Lease);
    }

    [Fact]
    public void IsReceiving_AnOvertakenReceive_CountsUntilItHasEnded()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        using (Memory.TryBeginReceive(Request(0, Snapshot(1))).Lease)
        {
            Memory.RaiseEpochFloor(new Epoch(2));
            Assert.True(Memory.IsReceiving(Zero));
        }

        Assert.False(Memory.IsReceiving(Zero));
    }

    private static void Receive(ReceiveLease lease, out ContentHash hash)
    {
        using (lease)
        {
            TestMemory.Receive(lease);
            hash = lease.Slot.Segment.HashOfChunkTable();
            Assert.Equal(SealOutcome.Sealed, lease.Seal(hash));
        }
    }

    private void DeleteFolder() => Directory.Delete(_host.Paths.Directory, recursive: true);
}
