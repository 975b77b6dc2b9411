using System.Net.Sockets;

namespace Gemini.Silo.Sockets;

/// <summary>
/// Marks a connection as background traffic. If the network has a class for such traffic, it sends the packets of training first. The marks need no
/// privilege, and a network without such a class ignores them.
/// </summary>
internal static class BackgroundTraffic
{
    /// <summary>
    /// DSCP "Lower Effort" (RFC 8622) in the upper six bits of the IPv4 type of service or the IPv6 traffic class: for the switches.
    /// </summary>
    internal const int LowerEffort = 0b000001 << 2;

    /// <summary>TC_PRIO_FILLER, the lowest class of a Linux host's own queue: <c>pfifo_fast</c>, <c>prio</c> and <c>mqprio</c> send it last.</summary>
    internal const int Filler = 1;

    internal static readonly (int Level, int Name) Priority = (1, 12);
    internal static readonly (int Level, int Name) TypeOfService = (0, 1);
    internal static readonly (int Level, int Name) TrafficClass = (41, 67);

    /// <exception cref="SocketException">The connection is broken.</exception>
    public static void Mark(Socket socket)
    {
        // A socket for both families sends IPv4 packets, too.
        Set(socket, TypeOfService, LowerEffort);
        if (socket.AddressFamily == AddressFamily.InterNetworkV6) Set(socket, TrafficClass, LowerEffort);
        // After the type of service, because the kernel derives a priority from that.
        Set(socket, Priority, Filler);
    }

    private static void Set(Socket socket, (int Level, int Name) option, int value) =>
        socket.SetRawSocketOption(option.Level, option.Name, BitConverter.GetBytes(value));
}
