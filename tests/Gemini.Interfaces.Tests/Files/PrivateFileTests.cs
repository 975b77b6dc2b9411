using System.Diagnostics;
using Gemini.Interfaces.Files;

namespace Gemini.Interfaces.Tests.Files;

public sealed class PrivateFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gemini-private-").FullName;

    private string Name => Path.Combine(_folder, "name");

    private string Victim => Path.Combine(_folder, "victim");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Create_NothingThere_OnlyThisUserCanUseIt()
    {
        using var file = PrivateFile.Create(Name);
        Assert.Equal(PrivateFile.Mode, File.GetUnixFileMode(Name));
    }

    [Fact]
    public void Create_NameIsTaken_IsRefusedAndNothingIsTouched()
    {
        File.WriteAllText(Victim, "mine");
        File.CreateSymbolicLink(Name, Victim);
        Assert.ThrowsAny<IOException>(() => PrivateFile.Create(Name));
        Assert.ThrowsAny<IOException>(() => PrivateFile.Create(Victim));
        Assert.Equal("mine", File.ReadAllText(Victim));
    }

    [Fact]
    public void Create_LinkThatLeadsNowhere_MakesNothing()
    {
        File.CreateSymbolicLink(Name, Victim);
        Assert.ThrowsAny<IOException>(() => PrivateFile.Create(Name));
        Assert.Throws<UntrustedFileException>(() => PrivateFile.OpenOrCreate(Name));
        Assert.False(File.Exists(Victim));
    }

    [Fact]
    public void Open_Link_IsRefusedWithTheFix()
    {
        File.WriteAllText(Victim, "mine");
        File.CreateSymbolicLink(Name, Victim);
        var refused = Assert.Throws<UntrustedFileException>(() => PrivateFile.Open(Name, FileAccess.ReadWrite));
        Assert.Contains($"{Name} is a symbolic link", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"rm {Name}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FileWithASecondName_IsRefused()
    {
        File.WriteAllText(Victim, "mine");
        Process.Start("ln", [Victim, Name]).WaitForExit();
        Assert.Throws<UntrustedFileException>(() => PrivateFile.Open(Name, FileAccess.Read));
    }

    [Fact]
    public void Open_FolderOrPipe_IsRefusedAtOnce()
    {
        Directory.CreateDirectory(Name);
        Assert.ThrowsAny<IOException>(() => PrivateFile.Open(Name, FileAccess.Read));
        Process.Start("mkfifo", [Victim]).WaitForExit();
        Assert.Throws<UntrustedFileException>(() => PrivateFile.Open(Victim, FileAccess.Read));
    }

    [Fact]
    public void Open_StrangersFile_IsRefused()
    {
        Stranger.SkipUnlessRoot();
        File.SetUnixFileMode(_folder, (UnixFileMode)0x1FF);
        Stranger.Do(() => File.WriteAllText(Name, "forged"));
        var refused = Assert.Throws<UntrustedFileException>(() => PrivateFile.Open(Name, FileAccess.ReadWrite));
        Assert.StartsWith($"{Name} belongs to user {Stranger.UserId}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoSuchFile_SaysSo() => Assert.Throws<FileNotFoundException>(() => PrivateFile.Open(Name, FileAccess.Read));

    [Fact]
    public void TryLock_AnotherOpeningHasIt_IsRefusedUntilItIsClosed()
    {
        using (var first = PrivateFile.OpenOrCreate(Name))
        {
            using var second = PrivateFile.OpenOrCreate(Name);
            Assert.True(PrivateFile.TryLock(first));
            Assert.False(PrivateFile.TryLock(second));
        }

        using var third = PrivateFile.OpenOrCreate(Name);
        Assert.True(PrivateFile.TryLock(third));
    }
}
