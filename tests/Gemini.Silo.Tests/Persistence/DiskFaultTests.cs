using Gemini.Interfaces.Model;
using Gemini.Silo.Persistence;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>Real file systems that are full or read-only. Mounting them needs root.</summary>
public sealed class DiskFaultTests
{
    private static readonly JobSpec Job = new() { Name = "disk-tests", Hosts = [new("a")], Replicas = 1 };
    private static readonly SnapshotId Snapshot = new(new Iteration(1), new Epoch(1));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FullDisk_IsAValue_LeavesNoHalfFile_AndWorksOnceThereIsRoom()
    {
        using var disk = SmallDisk.Mount("size=16k,mode=700");
        var store = new DirectoryStore(disk.Path, Job, new PosixStoreFiles());
        var ballast = Path.Combine(disk.Path, "ballast");
        File.WriteAllText(ballast, new string('x', 8000));

        var full = await store.WriteShardAsync(Snapshot, new TestShard(0), Stop);
        Assert.Equal(StoreResult.Unavailable, full.Result);
        Assert.Contains("No space left on device", full.Reason);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(disk.Path, Job.Name, "1@1")));

        File.Delete(ballast);
        Assert.Equal(StoreOutcome.Completed, await store.WriteShardAsync(Snapshot, new TestShard(0), Stop));
    }

    [Fact]
    public async Task ReadOnlyDisk_IsAValue_AndCanStillBeRead()
    {
        using var disk = SmallDisk.Mount("size=1m,mode=700");
        var store = new DirectoryStore(disk.Path, Job, new PosixStoreFiles());
        var shard = new TestShard(0);
        await store.WriteShardAsync(Snapshot, shard, Stop);
        await store.CompleteAsync(Snapshot, [shard.Description], Stop);
        disk.MakeReadOnly();

        var outcome = await store.WriteShardAsync(Snapshot, shard, Stop);
        Assert.Equal(StoreResult.Unavailable, outcome.Result);
        Assert.Contains("Read-only file system", outcome.Reason);
        var stored = Assert.Single((await store.ListAsync(Stop)).Complete);
        var target = TestShard.Empty(0);
        Assert.True((await store.ReadShardAsync(Snapshot, stored.Shards[0], target, Stop)).IsCompleted);
        Assert.Equal(shard.Bytes, target.Bytes);
    }
}
