using System.Net.Sockets;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// How a spare waits: on a connection to its silo, without a lock and without a rank. The silo sends a message when the trainer has ended and the
/// spare must replace it. If the connection ends before that, the spare ends too.
/// </summary>
internal static class SpareTurn
{
    /// <summary>Completes when this process must become the trainer.</summary>
    /// <param name="options">Which silo, and which spare this is.</param>
    /// <param name="warm">When it completes, the silo is told that this spare is warm.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="SessionEndedException">The silo has ended, or needs no spare.</exception>
    public static async Task WaitAsync(GeminiOptions options, Task warm, CancellationToken ct)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(options.SocketPath), ct);
            if (PeerCredentials.Problem(socket) is { } stranger)
                throw new SessionEndedException($"{options.SocketPath} does not belong to this host's silo: {stranger}.");
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(
                TrainerProtocol.Encode(new TrainerSpare(TrainerProtocol.Version, options.LocalIndex, options.Launch.Spare)), ct);
            var told = new TrainerLineReader(stream).ReadAsync(ct);
            if (await Task.WhenAny(told, warm) == warm)
            {
                await warm;
                await stream.WriteAsync(TrainerProtocol.Encode(new TrainerWarm()), ct);
            }

            if (await told is SiloTakeOver) return;
        }
        catch (Exception error) when (error is SocketException or IOException { InnerException: SocketException } or InvalidDataException)
        {
            throw new SessionEndedException($"The silo on {options.SocketPath} is gone: {error.Message}");
        }

        throw new SessionEndedException("The silo needs no spare.");
    }
}
