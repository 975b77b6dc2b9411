using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gemini.Silo.Configuration;

/// <summary>
/// Asks a Redis server directly why its client library could not connect. The library passes on neither the server's text nor the operating system's.
/// </summary>
internal static class RedisDial
{
    /// <summary>Neither the server nor the operating system answered within the limit.</summary>
    public const string Silence = "no answer";

    /// <summary>The server is healthy, and only too slow for its client library.</summary>
    public const string Pong = "PONG";

    private const int WordsMax = 300;

    /// <summary>Returns the first line that the server sends, or why the server cannot be reached. Throws only if it is cancelled.</summary>
    public static async Task<string> AskAsync(EndPoint endpoint, TimeSpan limit, TimeProvider time, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(limit, time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(endpoint, bound.Token);
            await socket.SendAsync("PING\r\n"u8.ToArray(), bound.Token);
            var buffer = new byte[WordsMax];
            var count = await socket.ReceiveAsync(buffer, bound.Token);
            var words = Encoding.UTF8.GetString(buffer, 0, count);
            return count == 0 ? "it closes the connection" : words.Split('\r', '\n')[0].TrimStart('-', '+');
        }
        catch (SocketException error)
        {
            return error.Message;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Silence;
        }
    }
}
