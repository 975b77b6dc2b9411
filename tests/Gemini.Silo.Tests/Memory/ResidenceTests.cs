using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Memory;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Memory;

/// <summary>Which files exist, what survives a silo, and what is refused because there is no room.</summary>
public sealed class ResidenceTests : IDisposable
{
    private static readonly Rank Zero = new(0);
    private readonly TestMemory _host = new();

    private HostMemory Memory => _host.Memory;

    public void Dispose() => _host.Dispose();

    [Fact]
    public void EnsureShard_Twice_KeepsContentAndFile()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        var hash = _host.Capture(Zero, 0, Snapshot(1));
        using var before = _host.Trainer(Zero, 0);
        Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        Assert.True(Memory.Verify(Zero, Snapshot(1), hash, out _));
        before.Capture(Snapshot(2));
        Assert.Equal(Snapshot(2), Assert.Single(Memory.Inventory()).Snapshot);
        Assert.Equal(BytesFor(PayloadBytes), Memory.MemoryBytes);
    }

    [Fact]
    public void EnsureShard_OtherSize_ReplacesTheFileAndDoesNotHarmWhoHasTheOldOneMapped()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        _host.Capture(Zero, 0, Snapshot(1));
        using var old = _host.Trainer(Zero, 0);
        Memory.EnsureShard(Zero, PayloadBytes + 1);
        Assert.Empty(Memory.Inventory());
        Assert.True(old.HasContentOf(Snapshot(1)));
        using var current = _host.Trainer(Zero, 0);
        Assert.Equal(PayloadBytes + 1, current.Segment.PayloadBytes);
    }

    [Fact]
    public void EnsureShard_MoreThanTheFileSystemHas_IsRefusedAndLeavesNothing()
    {
        using var host = new TestMemory(SegmentLayout.DefaultChunkBytes);
        var error = Assert.Throws<HostMemoryException>(() => host.Memory.EnsureShard(Zero, 1L << 42));
        Assert.Empty(Directory.GetFiles(host.Paths.Directory));
        Assert.Contains("the file system is full", error.Message, StringComparison.Ordinal);
        Assert.Contains("/dev/shm), use fewer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Adopt_AfterTheSiloDied_FindsSealedAndNeverTorn()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        Memory.EnsureShard(new Rank(3), PayloadBytes);
        var hash = _host.Capture(Zero, 1, Snapshot(8, epoch: 4));
        using var living = _host.Trainer(new Rank(3), 0);
        living.Begin(Snapshot(9, epoch: 4));
        living.WriteChunk(0);

        var memory = _host.Restart();
        Assert.Empty(memory.Inventory());
        memory.Adopt();
        memory.Adopt();
        Assert.Equal(Run, memory.Run);
        memory.Join(Run);
        Assert.Equal(new Replica(Zero, Snapshot(8, epoch: 4), hash, PayloadBytes), Assert.Single(memory.Inventory()));
        Assert.Equal(new Epoch(4), memory.EpochFloor);
        Assert.Equal(SegmentState.Writing, living.Segment.State);
        memory.EnsureShard(new Rank(3), PayloadBytes, ShardRole.Own);
        living.Capture(Snapshot(9, epoch: 4));
        Assert.Equal(2, memory.Inventory().Length);
    }

    [Fact]
    public void Adopt_TornAtEveryChunk_IsNeverInTheInventory()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        using var trainer = _host.Trainer(Zero, 0);
        for (var chunks = 0; chunks <= trainer.Segment.ChunkCount; chunks++)
        {
            trainer.Capture(Snapshot(1));
            trainer.Begin(Snapshot(2));
            for (var index = 0; index < chunks; index++) trainer.WriteChunk(index);
            var memory = _host.Restart();
            memory.Adopt();
            Assert.Empty(memory.Inventory());
        }
    }

    [Fact]
    public void Adopt_DamagedOrUnfinishedFiles_DeletesThemAndLeavesOthers()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        var directory = _host.Paths.Directory;
        string Name(int rank) => _host.Paths.Segment(new Rank(rank), 0);
        File.WriteAllText(Name(1), "short");
        File.WriteAllBytes(Name(2), new byte[3 * 4096]);
        MappedSegment.Create(Name(3), new SegmentIdentity("another-job", new Rank(3)), PayloadBytes, ChunkBytes).Dispose();
        MappedSegment.Create(Name(4), new SegmentIdentity(Job, new Rank(5)), PayloadBytes, ChunkBytes).Dispose();
        MappedSegment.Create(Name(6), new SegmentIdentity(Job, new Rank(6)), PayloadBytes, ChunkBytes).Dispose();
        using (var truncated = File.OpenWrite(Name(6))) truncated.SetLength(8192);
        File.WriteAllText(Name(8) + ".new", "unfinished");
        File.WriteAllText(Path.Combine(directory, "trainer-0.lock"), "");

        var memory = _host.Restart();
        memory.Adopt();
        Assert.Equal(
            ["rank-00000.slot-0", "rank-00000.slot-1", "trainer-0.lock"],
            Directory.EnumerateFiles(directory).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Adopt_SealedSegmentOfAnotherLayout_IsSetAsideAndNamed()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        _host.Capture(Zero, 0, Snapshot(3));
        using (var newer = File.OpenHandle(_host.Paths.Segment(Zero, 0), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            RandomAccess.Write(newer, [99], 8);

        var memory = _host.Restart();
        memory.Adopt();

        Assert.Empty(memory.Inventory());
        var leftover = Assert.Single(memory.Leftovers);
        Assert.True(leftover.Run.IsUnknown);
        Assert.Equal(1, leftover.Copies);
        Assert.Single(Directory.GetFiles(_host.Paths.Directory, "*.aside"));
    }

    [Fact]
    public void Join_SealedSegmentsOfAnotherRun_AreSetAsideAndNamedAndNeverUsed()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        Memory.EnsureShard(new Rank(1), PayloadBytes);
        _host.Capture(Zero, 0, Snapshot(500, epoch: 9));
        var later = new JobRun(new Guid(3, 0, 0, new byte[8]), WorldSize: 12);

        var memory = _host.Restart();
        memory.Adopt();
        memory.Join(later);
        memory.EnsureShard(Zero, PayloadBytes);

        Assert.Empty(memory.Inventory());
        Assert.Equal(Epoch.Zero, memory.EpochFloor);
        Assert.Equal([new LeftoverCopies(Run, 1, Snapshot(500, epoch: 9), BytesFor(PayloadBytes) / 2)], memory.Leftovers);
        using var kept = new TestTrainer(Assert.Single(Directory.GetFiles(_host.Paths.Directory, "*.aside")));
        Assert.True(kept.HasContentOf(Snapshot(500, epoch: 9)));
        var next = _host.Restart();
        next.Adopt();
        next.Join(later);
        Assert.Equal(Run, Assert.Single(next.Leftovers).Run);

        File.Delete(Assert.Single(Directory.GetFiles(_host.Paths.Directory, "*.aside")));
        next.RestoreFiles();
        Assert.Empty(next.Leftovers);
    }

    [Fact]
    public void Adopt_CopiesOfTwoRuns_OnlyTheNewerOneIsInTheInventoryBeforeTheHostWasTold()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        _host.Capture(Zero, 0, Snapshot(500));
        var later = new JobRun(new Guid(3, 0, 0, new byte[8]), WorldSize: 12);
        using (var other = MappedSegment.Create(_host.Paths.Segment(new Rank(1), 0), new SegmentIdentity(Job, new Rank(1), later), PayloadBytes, ChunkBytes))
        {
            other.BeginWrite(Snapshot(7));
            other.Seal();
        }

        var memory = _host.Restart();
        memory.Adopt();

        Assert.Equal(later, memory.Run);
        Assert.Equal((new Rank(1), Snapshot(7)), (Assert.Single(memory.Inventory()).Owner, memory.Inventory()[0].Snapshot));
        Assert.Equal(Run, Assert.Single(memory.Leftovers).Run);
    }

    [Fact]
    public void TryBeginReceive_AdoptedShard_WaitsUntilItIsAskedFor()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        var memory = _host.Restart();
        memory.Adopt();
        Assert.Equal(ReceiveRefusal.UnknownShard, memory.TryBeginReceive(Request(0, Snapshot(1))).Refusal);
        memory.EnsureShard(Zero, PayloadBytes);
        using var lease = memory.TryBeginReceive(Request(0, Snapshot(1))).Lease;
        Assert.NotNull(lease);
    }

    [Fact]
    public void ReleaseExcept_OtherShards_DeletesTheirFilesOnly()
    {
        for (var rank = 0; rank < 3; rank++) Memory.EnsureShard(new Rank(rank), PayloadBytes);
        _host.Capture(new Rank(1), 0, Snapshot(1));
        Memory.ReleaseExcept(new HashSet<Rank> { new(1) });
        Assert.Equal(2, Directory.GetFiles(_host.Paths.Directory).Length);
        Assert.Equal(new Rank(1), Assert.Single(Memory.Inventory()).Owner);
        Assert.Equal(BytesFor(PayloadBytes), Memory.MemoryBytes);
    }

    [Fact]
    public void CheckBudget_AboveTheLimit_SaysHowMuchAndWhatHelps()
    {
        using var host = new TestMemory(limitBytes: 1_000_000);
        host.Memory.CheckBudget([(Zero, 100_000)]);
        var error = Assert.Throws<HostMemoryException>(() => host.Memory.CheckBudget([(Zero, 300_000), (new Rank(1), 300_000)]));
        Assert.Equal(
            "Host memory: 1245184 bytes (1.2 MiB) are needed for 2 slots per shard, but the limit advanced.memory.limitBytes is " +
            "1000000 bytes (1.0 MiB). Raise the limit, use fewer replicas or a smaller model.",
            error.Message);
    }

    [Fact]
    public void CheckBudget_MoreThanIsFree_CountsWhatIsAllocatedAlready()
    {
        MemoryBound[] bounds = [new(MemoryBoundKind.Machine, "", 1000, 5000), new(MemoryBoundKind.Tmpfs, "/mnt/fast", 40, 100)];
        Assert.Null(MemoryBudget.Refuse(100, usedBytes: 60, bounds, limitBytes: null));
        Assert.Equal(
            "Host memory: 101 bytes (0.0 MiB) are needed for 2 slots per shard, and 60 bytes (0.0 MiB) of them are there already, but " +
            "/mnt/fast has 40 bytes (0.0 MiB) free. Enlarge it (as root: mount -o remount,size=1M /mnt/fast), use fewer replicas or a smaller model.",
            MemoryBudget.Refuse(101, usedBytes: 60, bounds, limitBytes: null));
        Assert.Throws<HostMemoryException>(() => Memory.CheckBudget([(Zero, 1L << 42)]));
    }

    [Fact]
    public void CheckBudget_WithStaging_CountsItAndSaysSo()
    {
        using var host = new TestMemory(chunkBytes: 4096, limitBytes: 1_000_000);
        host.Memory.CheckBudget([(Zero, 300_000)], stagingBytes: 300_000);
        var error = Assert.Throws<HostMemoryException>(() => host.Memory.CheckBudget([(Zero, 300_000)], stagingBytes: 400_000));
        Assert.Contains("2 slots per shard and 400000 bytes (0.4 MiB) to persist from", error.Message);
    }

    [Fact]
    public void CheckBudget_ShardsOfAnEarlierPosition_NeedRoomBesides()
    {
        using var host = new TestMemory(chunkBytes: 4096, limitBytes: 1_000_000);
        host.Memory.EnsureShard(new Rank(7), 300_000);
        host.Memory.CheckBudget([(new Rank(7), 300_000)]);

        Assert.False(host.Memory.Fits([(Zero, 300_000)]));
        var error = Assert.Throws<HostMemoryException>(() => host.Memory.CheckBudget([(Zero, 300_000)]));
        Assert.Contains("for shards that do not belong to this host's position", error.Message);

        host.Memory.ReleaseExcept(new HashSet<Rank> { Zero });
        host.Memory.CheckBudget([(Zero, 300_000)]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void RoomBytes_IsTheLimit_HoweverManyShardsAreThere(int shards)
    {
        using var host = new TestMemory(chunkBytes: 4096, limitBytes: 1_000_000);
        for (var rank = 0; rank < shards; rank++) host.Memory.EnsureShard(new Rank(rank), 10_000);

        Assert.Equal(1_000_000, host.Memory.RoomBytes(stagedBytes: 0));
    }

    [Fact]
    public void DeleteAll_RemovesTheFolder()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        Memory.DeleteAll();
        Assert.False(Directory.Exists(_host.Paths.Directory));
        Assert.Empty(Memory.Inventory());
    }

    private static long BytesFor(long payloadBytes) => HostMemory.BytesFor(payloadBytes, ChunkBytes);
}
