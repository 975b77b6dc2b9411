using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;

namespace Gemini.Interfaces.Files;

/// <summary>
/// Who is at the other end of a unix socket. The kernel reports it (SO_PEERCRED), as of the time when the peer connected or began to listen.
/// </summary>
/// <param name="ProcessId">The peer's process id in this process's pid namespace; 0 if the peer is not visible in this namespace.</param>
/// <param name="User">The user that the peer acted as.</param>
public readonly record struct PeerCredentials(int ProcessId, uint User)
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int PeerCredential = 17; // SO_PEERCRED
    private const int StructBytes = 12; // struct ucred: pid, uid, gid
    private const uint NoUser = uint.MaxValue; // the kernel's answer if the socket has no peer; no process runs as this user

    /// <exception cref="SocketException">The socket is not connected.</exception>
    public static PeerCredentials Of(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[StructBytes];
        socket.GetRawSocketOption(SocketLevel, PeerCredential, credentials);
        var user = BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..]);
        if (user == NoUser) throw new SocketException((int)SocketError.NotConnected);
        return new PeerCredentials(BinaryPrimitives.ReadInt32LittleEndian(credentials), user);
    }

    /// <summary>Null if the peer runs as the same user as this process; else why the peer is not trusted.</summary>
    /// <inheritdoc cref="Of" path="/exception"/>
    public static string? Problem(Socket socket)
    {
        var user = Of(socket).User;
        return user == FileStatus.CurrentUser ? null : string.Create(CultureInfo.InvariantCulture,
            $"its process runs as user {user}, this one as user {FileStatus.CurrentUser}");
    }
}
