using System.Net.Sockets;
using Gemini.Interfaces.Files;

namespace Gemini.Interfaces.Tests.Files;

public sealed class PeerCredentialsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gemini-peer-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Socket _client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private UnixDomainSocketEndPoint Endpoint => new(Path.Combine(_folder, "s"));

    public void Dispose()
    {
        _client.Dispose();
        _listener.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Of_ThisProcess_IsItselfAtBothEnds()
    {
        _listener.Bind(Endpoint);
        _listener.Listen();
        _client.Connect(Endpoint);
        using var accepted = _listener.Accept();

        var self = new PeerCredentials(Environment.ProcessId, FileStatus.CurrentUser);
        Assert.Equal((self, self), (PeerCredentials.Of(_client), PeerCredentials.Of(accepted)));
        Assert.Null(PeerCredentials.Problem(_client));
        Assert.Null(PeerCredentials.Problem(accepted));
    }

    /// <summary>Anyone who reaches the folder may connect; the kernel says who it is, even after the peer has ended.</summary>
    [Fact]
    public void Problem_AnotherUserConnects_NamesBoth()
    {
        Stranger.SkipUnlessRoot();
        File.SetUnixFileMode(_folder, (UnixFileMode)0x1FF);
        _listener.Bind(Endpoint);
        File.SetUnixFileMode(Path.Combine(_folder, "s"), (UnixFileMode)0x1FF);
        _listener.Listen();
        Stranger.Do(() => _client.Connect(Endpoint));
        using var accepted = _listener.Accept();
        _client.Dispose();

        Assert.Equal(Stranger.UserId, PeerCredentials.Of(accepted).User);
        Assert.Equal($"its process runs as user {Stranger.UserId}, this one as user {FileStatus.CurrentUser}", PeerCredentials.Problem(accepted));
    }

    /// <summary>Who listens counts, and not who accepts later.</summary>
    [Fact]
    public void Problem_AnotherUserListens_NamesBoth()
    {
        Stranger.SkipUnlessRoot();
        File.SetUnixFileMode(_folder, (UnixFileMode)0x1FF);
        Stranger.Do(() =>
        {
            _listener.Bind(Endpoint);
            _listener.Listen();
        });
        _client.Connect(Endpoint);
        Assert.StartsWith($"its process runs as user {Stranger.UserId}", PeerCredentials.Problem(_client), StringComparison.Ordinal);
    }

    /// <summary>The kernel answers for such a socket, too, but its answer is nobody.</summary>
    [Fact]
    public void Of_NotConnected_IsRefused()
    {
        Assert.Equal(SocketError.NotConnected, Assert.Throws<SocketException>(() => PeerCredentials.Of(_client)).SocketErrorCode);
        Assert.Equal(SocketError.NotConnected, Assert.Throws<SocketException>(() => PeerCredentials.Problem(_client)).SocketErrorCode);
    }
}
