using System.Diagnostics;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Interfaces.Tests.Files;

public sealed class PrivateFolderTests : IDisposable
{
    private readonly TemporaryFolder _shared = new();

    private string Root => Path.Combine(_shared.Path, "root");

    private HostPaths Paths => new(Root, "job", new HostName("host-a"));

    public void Dispose() => _shared.Dispose();

    [Fact]
    public void DefaultRoot_IsOnePerUser() => Assert.Equal($"/dev/shm/gemini-{FileStatus.CurrentUser}", HostPaths.DefaultRoot);

    [Fact]
    public void EnsureDirectory_NothingThere_EveryLevelIsPrivate()
    {
        Paths.EnsureDirectory();
        Paths.EnsureDirectory();
        Assert.All(Levels(), level => Assert.Equal(PrivateFolder.Mode, File.GetUnixFileMode(level)));
    }

    [Theory]
    [InlineData(0, 0x1FF, "0777")]
    [InlineData(1, 0x1ED, "0755")]
    [InlineData(2, 0x1C8, "0710")]
    [InlineData(0, 0x1C4, "0704")]
    public void EnsureDirectory_OthersMayEnterALevel_IsRefusedWithTheFix(int level, int mode, string text)
    {
        Paths.EnsureDirectory();
        File.SetUnixFileMode(Levels()[level], (UnixFileMode)mode);

        var refused = Assert.Throws<UntrustedFileException>(Paths.EnsureDirectory);

        Assert.StartsWith($"{Levels()[level]} has mode {text}, but must have 0700", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith($"chmod 700 {Levels()[level]}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void EnsureDirectory_LevelIsALink_IsRefused(int level)
    {
        Paths.EnsureDirectory();
        var target = Path.Combine(_shared.Path, "elsewhere");
        Directory.Move(Levels()[level], target);
        File.CreateSymbolicLink(Levels()[level], target);

        var refused = Assert.Throws<UntrustedFileException>(Paths.EnsureDirectory);

        Assert.StartsWith($"{Levels()[level]} is a symbolic link", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EnsureDirectory_LinkThatLeadsNowhere_IsRefused()
    {
        File.CreateSymbolicLink(Root, Path.Combine(_shared.Path, "nowhere"));
        Assert.ThrowsAny<IOException>(Paths.EnsureDirectory);
        Assert.False(Directory.Exists(Path.Combine(_shared.Path, "nowhere")));
    }

    [Fact]
    public void EnsureDirectory_LevelIsAFile_IsRefused()
    {
        File.WriteAllText(Root, "");
        Assert.ThrowsAny<IOException>(Paths.EnsureDirectory);
    }

    [Fact]
    public void EnsureDirectory_AnotherUserMadeTheRoot_IsRefused()
    {
        Stranger.SkipUnlessRoot();
        File.SetUnixFileMode(_shared.Path, (UnixFileMode)0x1FF);
        Stranger.Do(() => Directory.CreateDirectory(Root, PrivateFolder.Mode));

        var refused = Assert.Throws<UntrustedFileException>(Paths.EnsureDirectory);

        Assert.StartsWith($"{Root} belongs to user {Stranger.UserId}, but this process runs as user 0", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EnsureDirectory_AnotherUserTries_CanNeitherReadNorPutAnythingThere()
    {
        Stranger.SkipUnlessRoot();
        File.SetUnixFileMode(_shared.Path, (UnixFileMode)0x1FF);
        Paths.EnsureDirectory();
        MappedSegment.Create(Paths.Segment(new Rank(0), 0), new SegmentIdentity("job", new Rank(0)), 4096).Dispose();

        Stranger.Do(() =>
        {
            Assert.Throws<UnauthorizedAccessException>(() => File.OpenRead(Paths.Segment(new Rank(0), 0)));
            Assert.Throws<UnauthorizedAccessException>(() => File.WriteAllText(Path.Combine(Paths.Directory, "x"), ""));
            Assert.Throws<UnauthorizedAccessException>(() => Directory.GetFiles(Root));
            Assert.Throws<UnauthorizedAccessException>(() => MappedSegment.Open(Paths.Segment(new Rank(0), 0)));
        });
    }

    [Fact]
    public void ProblemInside_OwnFilesAndSockets_None()
    {
        Paths.EnsureDirectory();
        MappedSegment.Create(Paths.Segment(new Rank(0), 0), new SegmentIdentity("job", new Rank(0)), 4096).Dispose();
        Assert.Null(PrivateFolder.ProblemInside(Paths.Directory));
    }

    [Fact]
    public void ProblemInside_LinkOrSecondNameOrStrangersFile_IsNamed()
    {
        Paths.EnsureDirectory();
        var victim = Path.Combine(_shared.Path, "victim");
        File.WriteAllText(victim, "mine");
        var slot = Paths.Segment(new Rank(0), 0);

        File.CreateSymbolicLink(slot, victim);
        Assert.StartsWith($"{slot} is a symbolic link", PrivateFolder.ProblemInside(Paths.Directory), StringComparison.Ordinal);

        File.Delete(slot);
        Process.Start("ln", [victim, slot]).WaitForExit();
        Assert.StartsWith($"{slot} has 2 hard links", PrivateFolder.ProblemInside(Paths.Directory), StringComparison.Ordinal);
    }

    private string[] Levels() => [Root, Path.Combine(Root, "job"), Paths.Directory];

    [Fact]
    public void ProblemInside_EntriesThatNoProcessOfTheJobMakes_TheFirstByNameIsNamed()
    {
        Paths.EnsureDirectory();
        var (folder, pipe) = (Path.Combine(Paths.Directory, "b"), Path.Combine(Paths.Directory, "a"));
        Directory.CreateDirectory(folder);
        Assert.Equal(
            $"{folder} is a folder; no process of this job makes one. Check what it is, then run: rm {folder}", PrivateFolder.ProblemInside(Paths.Directory));
        Process.Start("mkfifo", [pipe]).WaitForExit();
        Assert.StartsWith($"{pipe} is a pipe", PrivateFolder.ProblemInside(Paths.Directory), StringComparison.Ordinal);
    }

    [Fact]
    public void ProblemInside_StrangersFile_IsNamed()
    {
        Stranger.SkipUnlessRoot();
        File.SetUnixFileMode(_shared.Path, (UnixFileMode)0x1FF);
        Stranger.Do(() => File.WriteAllText(Path.Combine(_shared.Path, "forged"), ""));
        Assert.StartsWith($"{_shared.Path}/forged belongs to user {Stranger.UserId}", PrivateFolder.ProblemInside(_shared.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void Ensure_FileInItsPlaceOrNoRightToMakeIt_IsRefused()
    {
        File.WriteAllText(Root, "");
        var refused = Assert.Throws<UntrustedFileException>(() => PrivateFolder.Ensure(Root));
        Assert.Equal($"{Root} is a file, but must be a folder of this user alone. Remove it, or name another folder.", refused.Message);

        Stranger.SkipUnlessRoot();
        File.SetUnixFileMode(_shared.Path, (UnixFileMode)0x1C9);
        Stranger.Do(() => Assert.Throws<UnauthorizedAccessException>(() => PrivateFolder.Ensure(Path.Combine(_shared.Path, "other"))));
    }
}
