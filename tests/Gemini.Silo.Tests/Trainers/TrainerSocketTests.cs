using System.Net.Sockets;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>Which users may speak to a host's silo as its trainer, and which may read the trainers' output.</summary>
public sealed class TrainerSocketTests : IAsyncLifetime
{
    private const UnixFileMode Everybody = (UnixFileMode)0x1FF;

    private readonly SupervisorFixture _test = new();

    public async ValueTask InitializeAsync()
    {
        _test.Start(SupervisorFixture.Sleeps);
        await _test.UntilAsync(TrainerState.Starting);
    }

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public void AnotherUser_CannotConnect()
    {
        Stranger.SkipUnlessRoot();
        Stranger.Do(() => Assert.ThrowsAny<SocketException>(Connect));
    }

    /// <summary>Even if the modes of the folders and of the socket's file were opened to others.</summary>
    [Fact]
    public void AnotherUserConnects_IsToldNothing()
    {
        Stranger.SkipUnlessRoot();
        for (var level = _test.Paths.TrainerSocket; level.StartsWith("/dev/shm/", StringComparison.Ordinal); level = Path.GetDirectoryName(level)!)
            File.SetUnixFileMode(level, Everybody);
        Socket? socket = null;
        Stranger.Do(() => socket = Connect());
        using (socket)
        {
            socket!.ReceiveTimeout = (int)SupervisorFixture.Limit.TotalMilliseconds;
            Assert.Equal(0, socket.Receive(new byte[1]));
        }
    }

    [Fact]
    public void Logs_AreTheirOwnersAlone()
    {
        Assert.Equal(PrivateFolder.Mode, File.GetUnixFileMode(_test.LogDirectory));
        var logs = Directory.GetFiles(_test.LogDirectory);
        Assert.Equal(2, logs.Length);
        Assert.All(logs, log => Assert.Equal(PrivateFile.Mode, File.GetUnixFileMode(log)));
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_test.Paths.TrainerSocket));
        return socket;
    }
}
