using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Gemini.Silo.Persistence;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>Which users can read and change snapshots in storage.</summary>
public sealed class StorePermissionTests : IDisposable
{
    private const UnixFileMode Everybody = (UnixFileMode)0x1FF;
    private const UnixFileMode GroupReads = UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    private static readonly JobSpec Job = new() { Name = "store-tests", Hosts = [new("a")] };
    private static readonly SnapshotId One = new(new Iteration(1), new Epoch(1));

    private readonly TemporaryFolder _folder = new();

    private string JobFolder => Path.Combine(_folder.Path, Job.Name);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Persist_NothingThere_OnlyThisUserCanRead()
    {
        await PersistAsync(new PosixStoreFiles());
        Assert.All(Folders(), folder => Assert.Equal(PrivateFolder.Mode, File.GetUnixFileMode(folder)));
        Assert.All(Files(), file => Assert.Equal(PrivateFile.Mode, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task Persist_GroupReads_NobodyElseCan()
    {
        await PersistAsync(new PosixStoreFiles(groupReads: true));
        Assert.All(Folders(), folder => Assert.Equal(PrivateFolder.Mode | GroupReads, File.GetUnixFileMode(folder)));
        Assert.All(Files(), file => Assert.Equal(PrivateFile.Mode | UnixFileMode.GroupRead, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task Persist_FolderThatEverybodyMayRead_IsClosed()
    {
        Directory.CreateDirectory(JobFolder, PrivateFolder.Mode | GroupReads | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        await PersistAsync(new PosixStoreFiles());
        Assert.Equal(PrivateFolder.Mode, File.GetUnixFileMode(JobFolder));
    }

    [Fact]
    public async Task List_FolderThatOthersMayChange_TrustsNothingInItAndNamesTheFix()
    {
        await PersistAsync(new PosixStoreFiles());
        File.SetUnixFileMode(JobFolder, Everybody);

        var listing = await Open(new PosixStoreFiles()).ListAsync(Token);

        Assert.Empty(listing.Complete);
        Assert.Contains($"chmod go-w {JobFolder}", Assert.Single(listing.Problems), StringComparison.Ordinal);
        Assert.Equal(StoreResult.Unavailable, (await WriteAsync(Open(new PosixStoreFiles()))).Result);
    }

    [Fact]
    public async Task List_FolderOfAnotherUser_TrustsNothingInIt()
    {
        Stranger.SkipUnlessRoot();
        File.SetUnixFileMode(_folder.Path, Everybody);
        Stranger.Do(() => Directory.CreateDirectory(JobFolder, PrivateFolder.Mode));

        var listing = await Open(new PosixStoreFiles()).ListAsync(Token);

        Assert.Contains($"{JobFolder} belongs to user {Stranger.UserId}", Assert.Single(listing.Problems), StringComparison.Ordinal);
        var outcome = await WriteAsync(Open(new PosixStoreFiles()));
        Assert.Equal(StoreResult.Unavailable, outcome.Result);
        Assert.Contains("belongs to user", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_LinkInPlaceOfTheFolder_IsRefused()
    {
        var elsewhere = Path.Combine(_folder.Path, "elsewhere");
        Directory.CreateDirectory(elsewhere, PrivateFolder.Mode);
        File.CreateSymbolicLink(JobFolder, elsewhere);

        Assert.Contains("is a symbolic link", Assert.Single((await Open(new PosixStoreFiles()).ListAsync(Token)).Problems), StringComparison.Ordinal);
        Assert.Equal(StoreResult.Unavailable, (await WriteAsync(Open(new PosixStoreFiles()))).Result);
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));
    }

    [Fact]
    public async Task Persist_LinkInPlaceOfAnUnfinishedFile_ItsTargetKeepsItsContent()
    {
        var victim = _folder.Write("victim", "mine");
        var snapshot = Path.Combine(JobFolder, "1@1");
        Directory.CreateDirectory(JobFolder, PrivateFolder.Mode);
        Directory.CreateDirectory(snapshot, PrivateFolder.Mode);
        File.CreateSymbolicLink(Path.Combine(snapshot, "rank-00000.safetensors.part"), victim);

        await PersistAsync(new PosixStoreFiles());

        Assert.Equal("mine", File.ReadAllText(victim));
    }

    private static Task<StoreOutcome> WriteAsync(DirectoryStore store) => store.WriteShardAsync(One, new TestShard(0), Token);

    private DirectoryStore Open(IStoreFiles files) => new(_folder.Path, Job, files);

    private async Task PersistAsync(IStoreFiles files)
    {
        var store = Open(files);
        Assert.Equal(StoreOutcome.Completed, await WriteAsync(store));
        Assert.Equal(StoreOutcome.Completed, await store.CompleteAsync(One, [new TestShard(0).Description], Token));
    }

    private string[] Folders() => [JobFolder, .. Directory.GetDirectories(JobFolder)];

    private string[] Files() => Directory.GetFiles(JobFolder, "*", SearchOption.AllDirectories);
}
