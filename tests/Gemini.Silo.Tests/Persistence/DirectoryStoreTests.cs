using Gemini.Interfaces.Model;
using Gemini.Silo.Persistence;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>A store in a directory: its files, and what it refuses.</summary>
public sealed class DirectoryStoreTests : SnapshotStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DirectoryStoreTests() => Store = Open(new PosixStoreFiles());

    private protected override ISnapshotStore Store { get; }

    private string JobFolder => Path.Combine(_folder.Path, Job.Name);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Layout_IsAsDocumented_PayloadByteForByte()
    {
        await PersistAsync(Snapshot(120, 3));

        Assert.Equal(
            ["manifest.json", "rank-00000.safetensors", "rank-00001.safetensors"],
            Directory.EnumerateFiles(Path.Combine(JobFolder, "120@3")).Select(Path.GetFileName).Order());
        Assert.Equal(new TestShard(1).Bytes, File.ReadAllBytes(FileOf(Snapshot(120, 3), 1)));
        var manifest = File.ReadAllText(ManifestOf(Snapshot(120, 3)));
        Assert.Contains("\"job\": \"store-tests\"", manifest);
        Assert.Contains($"\"hash\": \"{new TestShard(1).Description.Hash}\"", manifest);
    }

    [Fact]
    public async Task Write_OrderOfOperations_IsTempFsyncRenameFsync_ManifestLast()
    {
        var files = new DyingFiles(int.MaxValue);
        await PersistAsync(Open(files), Snapshot(1));

        Assert.Equal(
            [
                "mkdir store-tests", $"fsync {Path.GetFileName(_folder.Path)}", "mkdir 1@1", "fsync store-tests",
                .. Durable("rank-00000.safetensors", writes: 3), .. Durable("rank-00001.safetensors", writes: 3), .. Durable("manifest.json", writes: 1),
            ],
            files.Log);

        static IEnumerable<string> Durable(string name, int writes) =>
            [$"create {name}.part", .. Enumerable.Repeat($"write {name}.part", writes), $"fsync {name}.part", $"rename {name}", "fsync 1@1"];
    }

    /// <summary>A crash at every single step: all listed snapshots are whole afterwards, and the next attempt succeeds.</summary>
    [Fact]
    public async Task Crash_AtEveryStep_LeavesTheOldSnapshot_AndTheNextAttemptCompletes()
    {
        await PersistAsync(Snapshot(1));
        for (var step = 0; ; step++)
        {
            var files = new DyingFiles(step);
            var dying = Open(files);
            var snapshot = Snapshot(10 + step);
            foreach (var rank in Ranks) await dying.WriteShardAsync(snapshot, new TestShard(rank), Stop);
            await dying.CompleteAsync(snapshot, Shards(), Stop);
            await AssertAllWholeAsync();
            if (!files.HasFailed) break;
            Assert.Contains(Snapshot(1), await CompleteAsync());
            await PersistAsync(snapshot);
            Assert.Contains(snapshot, await CompleteAsync());
        }
    }

    /// <summary>Removal begins with the manifest: no crash leaves a manifest without its files, and the newest snapshot always stays.</summary>
    [Fact]
    public async Task Crash_AtEveryStepOfTidying_LeavesNoBrokenSnapshot()
    {
        for (var step = 0; ; step++)
        {
            for (var iteration = 1; iteration <= 3; iteration++) await PersistAsync(Snapshot(iteration));
            var files = new DyingFiles(step);
            await Open(files).TidyAsync(1, Stop);
            await AssertAllWholeAsync();
            Assert.Equal(Snapshot(3), (await CompleteAsync()).First());
            if (!files.HasFailed) break;
        }

        Assert.Equal(["3@1"], Directory.EnumerateDirectories(JobFolder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task DiskFailsOnce_AttemptIsAValue_LeavesNoHalfFile()
    {
        var outcome = await Open(new DyingFiles(6, staysDead: false)).WriteShardAsync(Snapshot(1), new TestShard(0), Stop);
        Assert.Equal(StoreResult.Unavailable, outcome.Result);
        Assert.Contains("injected at write", outcome.Reason);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(JobFolder, "1@1")));
    }

    [Fact]
    public async Task ManifestWithoutItsFile_IsRefusedByName_OlderIsUsed()
    {
        await PersistAsync(Snapshot(1));
        await PersistAsync(Snapshot(2));
        File.Delete(FileOf(Snapshot(2), 1));
        await AssertRefusedAsync(Snapshot(2), "rank-00001.safetensors is missing");
    }

    [Fact]
    public async Task FileCutShort_IsRefusedByName_OlderIsUsed()
    {
        await PersistAsync(Snapshot(1));
        await PersistAsync(Snapshot(2));
        using (var file = File.OpenWrite(FileOf(Snapshot(2), 0))) file.SetLength(100);
        await AssertRefusedAsync(Snapshot(2), "has 100 bytes");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"version\":1,\"job\":\"store-tests\",\"iteration\":2,\"epoch\":1,\"worldSize\":1,\"hosts\":[null],\"ranksPerHost\":1,\"replicas\":1,\"shards\":[null]}")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"version\": 1")]
    public async Task DamagedManifest_IsRefusedByName_OlderIsUsed(string text)
    {
        await PersistAsync(Snapshot(1));
        await PersistAsync(Snapshot(2));
        File.WriteAllText(ManifestOf(Snapshot(2)), text);
        await AssertRefusedAsync(Snapshot(2), "manifest.json is damaged");
    }

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 2", "version 2")]
    [InlineData("\"job\": \"store-tests\"", "\"job\": \"another\"", "belongs to job 'another'")]
    [InlineData("\"iteration\": 2", "\"iteration\": 3", "snapshot 3@1")]
    [InlineData("\"file\": \"rank-00001", "\"file\": \"../rank-00001", "entry for rank 1 is damaged")]
    [InlineData("\"rank\": 1", "\"rank\": 7", "does not list the ranks 0 to 1")]
    public async Task ManifestOfSomethingElse_IsRefusedByName_OlderIsUsed(string from, string to, string expected)
    {
        await PersistAsync(Snapshot(1));
        await PersistAsync(Snapshot(2));
        var manifest = File.ReadAllText(ManifestOf(Snapshot(2)));
        Assert.Contains(from, manifest);
        File.WriteAllText(ManifestOf(Snapshot(2)), manifest.Replace(from, to, StringComparison.Ordinal));
        await AssertRefusedAsync(Snapshot(2), expected);
    }

    [Fact]
    public async Task JobOfAnotherSize_IsRefused_AndNeverRemoved()
    {
        await PersistAsync(Snapshot(1));
        var larger = new DirectoryStore(_folder.Path, Job with { RanksPerHost = 2 }, new PosixStoreFiles());
        var listing = await larger.ListAsync(Stop);
        Assert.Empty(listing.Complete);
        Assert.Contains("is of 2 ranks, but this job has 4", Assert.Single(listing.Problems));
        await larger.TidyAsync(1, Stop);
        Assert.Single(await CompleteAsync());
    }

    [Fact]
    public async Task ForeignDirectory_IsNeitherOverwrittenNorRemoved()
    {
        Directory.CreateDirectory(Path.Combine(JobFolder, "1@1"));
        Directory.CreateDirectory(Path.Combine(JobFolder, "notes"));
        File.WriteAllText(Path.Combine(JobFolder, "1@1", "readme.txt"), "mine");
        await PersistAsync(Snapshot(2));
        await Store.TidyAsync(1, Stop);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(JobFolder, "1@1", "readme.txt")));
        Assert.True(Directory.Exists(Path.Combine(JobFolder, "notes")));
    }

    [Fact]
    public async Task RootIsMissing_IsAProblem_AndIsNeverMade()
    {
        var root = Path.Combine(_folder.Path, "not-mounted");
        var store = new DirectoryStore(root, Job, new PosixStoreFiles());
        Assert.Equal(StoreResult.Unavailable, (await store.WriteShardAsync(Snapshot(1), new TestShard(0), Stop)).Result);
        Assert.Contains("not-mounted does not exist", Assert.Single((await store.ListAsync(Stop)).Problems));
        Assert.False(Directory.Exists(root));
    }

    /// <summary>A file of that size is no manifest, and a host must not read it into its memory.</summary>
    [Fact]
    public async Task ManifestOfManyMebibytes_IsRefusedUnread_OlderIsUsed()
    {
        await PersistAsync(Snapshot(1));
        await PersistAsync(Snapshot(2));
        using (var file = File.OpenWrite(ManifestOf(Snapshot(2)))) file.SetLength((256L << 20) + 1);
        await AssertRefusedAsync(Snapshot(2), "is too large for a manifest");
    }

    /// <summary>The file became longer after it was listed: it is not the file that the manifest describes.</summary>
    [Fact]
    public async Task Read_FileOfAnotherSize_IsMissing()
    {
        await PersistAsync(Snapshot(1));
        File.AppendAllText(FileOf(Snapshot(1), 0), "more");
        var outcome = await Store.ReadShardAsync(Snapshot(1), new TestShard(0).Description, TestShard.Empty(0), Stop);
        Assert.Equal(StoreResult.Missing, outcome.Result);
        Assert.EndsWith($"rank-00000.safetensors has {TestShard.PayloadBytes + 4} bytes, not {TestShard.PayloadBytes}", outcome.Reason);
    }

    [Fact]
    public async Task Read_Cancelled_EndsBetweenChunks()
    {
        await PersistAsync(Snapshot(1));
        using var cancelled = new CancellationTokenSource();
        var target = new Interrupted(index =>
        {
            if (index == 1) cancelled.Cancel();
            return true;
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadShardAsync(Snapshot(1), new TestShard(0).Description, target, cancelled.Token));
        Assert.Equal(2, target.Completed);
    }

    [Fact]
    public async Task Read_TargetWantsNoMore_IsOvertaken()
    {
        await PersistAsync(Snapshot(1));
        var target = new Interrupted(index => index < 1);
        Assert.Equal(StoreResult.Overtaken, (await Store.ReadShardAsync(Snapshot(1), new TestShard(0).Description, target, Stop)).Result);
        Assert.Equal(2, target.Completed);
    }

    private DirectoryStore Open(IStoreFiles files) => new(_folder.Path, Job, files);

    private string FileOf(SnapshotId snapshot, int rank) => Path.Combine(JobFolder, snapshot.ToString(), $"rank-{rank:d5}.safetensors");

    private string ManifestOf(SnapshotId snapshot) => Path.Combine(JobFolder, snapshot.ToString(), "manifest.json");

    private async Task AssertRefusedAsync(SnapshotId refused, string expected)
    {
        var listing = await Store.ListAsync(Stop);
        Assert.Equal([Snapshot(1)], listing.Complete.Select(stored => stored.Snapshot));
        var problem = Assert.Single(listing.Problems);
        Assert.Contains($"snapshot {refused} is refused", problem);
        Assert.Contains(expected, problem);
    }

    /// <summary>Every listed snapshot reads back with the right bytes, and no manifest names an incomplete file.</summary>
    private async Task AssertAllWholeAsync()
    {
        var listing = await Store.ListAsync(Stop);
        Assert.Empty(listing.Problems);
        foreach (var stored in listing.Complete)
        {
            foreach (var shard in stored.Shards)
            {
                var target = TestShard.Empty(shard.Owner.Value);
                Assert.True((await Store.ReadShardAsync(stored.Snapshot, shard, target, Stop)).IsCompleted);
                Assert.Equal(shard, target.Description);
            }
        }
    }

    /// <summary>A target whose answer after each chunk is the test's.</summary>
    private sealed class Interrupted(Func<int, bool> complete) : IShardTarget
    {
        private readonly TestShard _shard = TestShard.Empty(0);

        public int Completed { get; private set; }

        public int ChunkCount => _shard.ChunkCount;

        public Memory<byte> Chunk(int index) => _shard.Chunk(index);

        public bool Complete(int index)
        {
            Completed++;
            return complete(index);
        }
    }
}
