using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gemini.Interfaces.Wire;

/// <summary>The ports at which a trainer may listen, so that a firewall can name them. With the default value the system chooses a port.</summary>
/// <param name="First">The lowest port, 1 to 65535; 0: the system chooses.</param>
/// <param name="Last">The highest port, at least <paramref name="First"/>.</param>
public readonly record struct PortRange(int First, int Last)
{
    /// <summary>How many ports there are to choose from; 0: the system chooses.</summary>
    public int Count => First == 0 ? 0 : Last - First + 1;

    /// <summary>Reads "20000-20031". With an empty text the system chooses a port.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PortRange range)
    {
        range = default;
        if (text is null) return false;
        if (text.Length == 0) return true;
        var parts = text.Split('-');
        if (parts.Length != 2 || !TryParsePort(parts[0], out var first) || !TryParsePort(parts[1], out var last) || last < first) return false;
        range = new PortRange(first, last);
        return true;
    }

    /// <summary>Binds the socket to the address and to a port of the range that nothing else uses.</summary>
    /// <exception cref="SocketException">No port is free, or the address is not one of this machine.</exception>
    public void Bind(Socket socket, IPAddress address)
    {
        for (var port = First; ; port++)
        {
            try
            {
                socket.Bind(new IPEndPoint(address, port));
                return;
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse && port < Last)
            {
                // Another process uses this port; try the next one.
            }
        }
    }

    /// <summary>The text that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => First == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    private static bool TryParsePort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65535;
}
