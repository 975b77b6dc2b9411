using System.Diagnostics;
using System.Net.Sockets;
using Gemini.Interfaces.Files;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Interfaces.Tests.Files;

public sealed class PrivateFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Name => Path.Combine(_folder.Path, "name");

    private string Victim => Path.Combine(_folder.Path, "victim");

    public void Dispose() => _folder.Dispose();

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
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0x1FF);
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

    /// <summary>Who asks must not take the lock itself for longer than the question.</summary>
    [Fact]
    public void IsLocked_OnlyWhileAnOpeningHasTheLock()
    {
        Assert.False(PrivateFile.IsLocked(Name));
        Assert.False(File.Exists(Name));
        using (var holder = PrivateFile.OpenOrCreate(Name))
        {
            Assert.False(PrivateFile.IsLocked(Name));
            Assert.True(PrivateFile.TryLock(holder));
            Assert.True(PrivateFile.IsLocked(Name));
        }

        Assert.False(PrivateFile.IsLocked(Name));
    }

    /// <summary>A look is a shared lock. A process that is started meanwhile inherits it, so it can last longer than the call.</summary>
    [Fact]
    public async Task IsLocked_AnotherLookLasts_IsFalse()
    {
        PrivateFile.OpenOrCreate(Name).Dispose();
        using var look = Process.Start(new ProcessStartInfo("flock", ["--shared", "--no-fork", Name, "cat"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await look.StandardInput.WriteLineAsync("locked");
        await look.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal("locked", await look.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.False(PrivateFile.IsLocked(Name));
        look.StandardInput.Close();
        await look.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void IsLocked_FileThatThisUserMayNotOpen_IsTakenAsLocked()
    {
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0x1FF);
        PrivateFile.Create(Name).Dispose();
        var isLocked = false;
        Stranger.Do(() => isLocked = PrivateFile.IsLocked(Name));
        Assert.True(isLocked);
        File.CreateSymbolicLink(Victim, Name);
        Assert.True(PrivateFile.IsLocked(Victim));
    }

    /// <summary>A trainer that a silo starts must not hold the silo's lock.</summary>
    [Fact]
    public void Open_AnyWay_NoDescriptorReachesAChildProcess()
    {
        using var created = PrivateFile.Create(Name);
        using var opened = PrivateFile.Open(Name, FileAccess.Read);
        using var either = PrivateFile.OpenOrCreate(Name);
        foreach (var file in (SafeFileHandle[])[created, opened, either])
        {
            var flags = File.ReadLines($"/proc/self/fdinfo/{file.DangerousGetHandle()}").Single(line => line.StartsWith("flags:", StringComparison.Ordinal));
            Assert.NotEqual(0, Convert.ToInt32(flags["flags:".Length..].Trim(), 8) & 0x80000);
        }
    }

    [Fact]
    public void Open_ToRead_CannotWrite()
    {
        File.WriteAllText(Name, "mine");
        using var file = PrivateFile.Open(Name, FileAccess.Read);
        Assert.ThrowsAny<Exception>(() => RandomAccess.Write(file, "x"u8, 0));
        Assert.Equal("mine", File.ReadAllText(Name));
    }

    [Fact]
    public void OpenOrCreate_FileExists_KeepsItsContent()
    {
        File.WriteAllText(Name, "mine");
        using (var file = PrivateFile.OpenOrCreate(Name)) RandomAccess.Write(file, "M"u8, 0);
        Assert.Equal("Mine", File.ReadAllText(Name));
    }

    [Fact]
    public void Open_NoSuchFolder_SaysSo()
    {
        var path = Path.Combine(Name, "below");
        foreach (var open in (Func<SafeFileHandle>[])[() => PrivateFile.Open(path, FileAccess.Read), () => PrivateFile.Create(path), () => PrivateFile.OpenOrCreate(path)])
            Assert.Equal(path, Assert.Throws<FileNotFoundException>(open).FileName);
    }

    [Theory]
    [InlineData("/dev/null")]
    [InlineData("/dev/zero")]
    public void Open_Device_IsRefused(string path)
    {
        var refused = Assert.Throws<UntrustedFileException>(() => PrivateFile.Open(path, FileAccess.ReadWrite));
        Assert.Equal($"{path} is a device, but must be a file. Check what it is, then remove it.", refused.Message);
    }

    [Fact]
    public void Open_Socket_IsRefused()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Name));
        Assert.ThrowsAny<IOException>(() => PrivateFile.Open(Name, FileAccess.ReadWrite));
    }

    [Fact]
    public void Open_FileThatThisUserMayNotRead_IsNotAllowed()
    {
        Stranger.SkipUnlessRoot();
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0x1C9);
        PrivateFile.Create(Name).Dispose();
        Stranger.Do(() =>
        {
            Assert.Throws<UnauthorizedAccessException>(() => PrivateFile.Open(Name, FileAccess.Read));
            Assert.Throws<UnauthorizedAccessException>(() => PrivateFile.Create(Victim));
        });
    }

    [Fact]
    public void TryLock_Twice_WithOneOpening_IsAllowed()
    {
        using var file = PrivateFile.OpenOrCreate(Name);
        Assert.True(PrivateFile.TryLock(file) && PrivateFile.TryLock(file));
    }
}
