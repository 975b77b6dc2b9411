using System.Diagnostics;
using System.Net.Sockets;
using Gemini.Interfaces.Files;

namespace Gemini.Interfaces.Tests.Files;

public sealed class FileStatusTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gemini-status-").FullName;

    private string Name => Path.Combine(_folder, "name");

    private string Other => Path.Combine(_folder, "other");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Of_EachTypeOfFile_IsToldApart()
    {
        File.WriteAllText(Name, "");
        File.CreateSymbolicLink(Name + ".link", Name);
        Process.Start("mkfifo", [Name + ".pipe"]).WaitForExit();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Name + ".socket"));

        Assert.Equal("a folder d", Type(_folder));
        Assert.Equal("a file r", Type(Name));
        Assert.Equal("a symbolic link l", Type(Name + ".link"));
        Assert.Equal("a pipe ", Type(Name + ".pipe"));
        Assert.Equal("a socket s", Type(Name + ".socket"));
        Assert.Equal("a device ", Type("/dev/null"));

        static string Type(string path)
        {
            var status = FileStatus.Of(path)!.Value;
            return $"{status.TypeText} {(status.IsDirectory ? "d" : "")}{(status.IsRegular ? "r" : "")}{(status.IsLink ? "l" : "")}{(status.IsSocket ? "s" : "")}";
        }
    }

    [Fact]
    public void Of_Link_IsTheLinkUnlessItIsFollowed()
    {
        File.CreateSymbolicLink(Name, Other);
        Assert.True(FileStatus.Of(Name)!.Value.IsLink);
        Assert.Null(FileStatus.Of(Name, followLink: true));
        File.WriteAllText(Other, "");
        Assert.True(FileStatus.Of(Name, followLink: true)!.Value.IsRegular);
    }

    [Fact]
    public void Of_NoSuchFile_IsNull()
    {
        Assert.Null(FileStatus.Of(Name));
        Assert.Null(FileStatus.Of(Path.Combine(Name, "below")));
        File.WriteAllText(Name, "");
        Assert.Null(FileStatus.Of(Path.Combine(Name, "below")));
    }

    [Fact]
    public void Of_NameThatCannotExist_SaysWhy()
    {
        var path = Path.Combine(_folder, new string('x', 300));
        Assert.StartsWith($"The status of {path} cannot be read: ", Assert.Throws<IOException>(() => FileStatus.Of(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_FileWithTwoNames_IsTheSameFile()
    {
        File.WriteAllText(Name, "");
        var before = FileStatus.Of(Name)!.Value;
        Assert.Equal((1u, FileStatus.CurrentUser, true), (before.LinkCount, before.Owner, before.IsOwn));
        Process.Start("ln", [Name, Other]).WaitForExit();
        var (one, other) = (FileStatus.Of(Name)!.Value, FileStatus.Of(Other)!.Value);
        Assert.Equal((2u, one), (one.LinkCount, other));
        Assert.Equal((before.DeviceMajor, before.DeviceMinor, before.Inode), (other.DeviceMajor, other.DeviceMinor, other.Inode));
    }

    /// <summary>The open file and not what has its name now.</summary>
    [Fact]
    public void Of_OpenFile_IsThatFileEvenWithoutAName()
    {
        File.WriteAllText(Name, "");
        using var file = File.OpenHandle(Name);
        var named = FileStatus.Of(Name)!.Value;
        File.Delete(Name);
        File.WriteAllText(Name, "another");
        var open = FileStatus.Of(file, Name);
        Assert.Equal((named.Inode, 0u), (open.Inode, open.LinkCount));
        Assert.NotEqual(open.Inode, FileStatus.Of(Name)!.Value.Inode);
    }

    [Fact]
    public void Of_ClosedFile_Throws()
    {
        File.WriteAllText(Name, "");
        var file = File.OpenHandle(Name);
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => FileStatus.Of(file, Name));
    }

    [Theory]
    [InlineData(0x180, "0600", 0)]
    [InlineData(0x1ED, "0755", 0x2D)]
    [InlineData(0x000, "0000", 0)]
    [InlineData(0x007, "0007", 7)]
    [InlineData(0xFFF, "07777", 0x3F)]
    [InlineData(0x5ED, "02755", 0x2D)]
    public void Mode_IsWrittenAsPeopleWriteIt(int permissions, string text, int others)
    {
        var status = new FileStatus(0, 1, 0x8000 | permissions);
        Assert.Equal((text, (UnixFileMode)others, true), (status.ModeText, status.OthersPermissions, status.IsRegular));
    }
}
