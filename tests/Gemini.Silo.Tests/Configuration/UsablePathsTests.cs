using Gemini.Silo.Configuration;

namespace Gemini.Silo.Tests.Configuration;

public sealed class UsablePathsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WritableFile_NewOrExisting_IsAcceptedAndLeftAsItIs()
    {
        var existing = _folder.Write("report.json", "old");
        var missing = Path.Combine(_folder.Path, "new.json");

        UsablePaths.RequireWritableFile("--report", existing);
        UsablePaths.RequireWritableFile("--report", missing);

        Assert.Equal("old", File.ReadAllText(existing));
        Assert.Equal([existing], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void WritableFile_Folder_IsRefused() => AssertRefused("it is a folder", () => UsablePaths.RequireWritableFile("--report", _folder.Path));

    [Fact]
    public void WritableFile_FolderIsMissing_NamesIt() => AssertRefused(
        "does not exist; make it first", () => UsablePaths.RequireWritableFile("--report", Path.Combine(_folder.Path, "none", "r.json")));

    [Fact]
    public void WritableFile_LinkThatLeadsNowhere_IsRefused()
    {
        var link = Path.Combine(_folder.Path, "r.json");
        File.CreateSymbolicLink(link, Path.Combine(_folder.Path, "none", "r.json"));

        AssertRefused("name a file that you may write", () => UsablePaths.RequireWritableFile("--report", link));
    }

    /// <summary>/proc refuses new files even to root.</summary>
    [Fact]
    public void WritableFile_NotPermitted_IsRefused() =>
        AssertRefused("name a file that you may write", () => UsablePaths.RequireWritableFile("--report", "/proc/r.json"));

    [Fact]
    public void WritableFolder_Missing_IsMade()
    {
        var folder = Path.Combine(_folder.Path, "a", "b");

        UsablePaths.RequireWritableFolder("--logs", folder);

        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Theory]
    [InlineData("/dev/null")]
    [InlineData("/proc/logs")]
    [InlineData("/proc/sys")]
    public void WritableFolder_NotUsable_IsRefused(string path) =>
        AssertRefused("cannot be used", () => UsablePaths.RequireWritableFolder("--logs", path));

    private static void AssertRefused(string expected, Action check)
    {
        var message = Assert.Throws<BadInputException>(check).Message;
        Assert.Contains(expected, message);
        Assert.DoesNotContain('\n', message);
    }
}
