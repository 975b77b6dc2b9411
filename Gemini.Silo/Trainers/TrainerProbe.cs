using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Gemini.Grains.Health;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Trainers;

/// <summary>Asks trainers of any host whether they are alive (<see cref="LivenessProtocol"/>).</summary>
internal sealed class TrainerProbe(JobSecret secret, TimeProvider time) : ITrainerProbe
{
    /// <summary>How often a trainer is asked. A lost packet, or a thread that got no processor time, is not a death.</summary>
    private const int Tries = 3;

    /// <summary>
    /// A live trainer answers within a round trip. If others use all its cores, its thread waits about 10 ms for its turn. Only trainers that are
    /// already suspected to be lost are asked.
    /// </summary>
    internal static readonly TimeSpan TryLimit = TimeSpan.FromMilliseconds(200);

    public async Task<ProbeAnswer> AskAsync(string address)
    {
        if (!LivenessProtocol.TryParse(address, out var endpoint, out var identity)) return ProbeAnswer.Silent;
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            using var limit = new CancellationTokenSource(TryLimit, time);
            try
            {
                if (await AskOnceAsync(endpoint, identity, limit.Token) is { } answer) return answer;
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException)
            {
                // The connection ended early, the trainer could not be reached, or the time is over. Try again, but only after this try's time has
                // passed.
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, time, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return ProbeAnswer.Silent;
    }

    /// <summary>Null: the answer did not come from that process.</summary>
    private async Task<ProbeAnswer?> AskOnceAsync(IPEndPoint endpoint, string identity, CancellationToken ct)
    {
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, ct);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return ProbeAnswer.Refused;
        }

        var nonce = RandomNumberGenerator.GetBytes(JobSecret.NonceBytes);
        await socket.SendAsync(LivenessProtocol.Question(secret, identity, nonce), ct);
        var answer = new byte[LivenessProtocol.AnswerBytes];
        for (var received = 0; received < answer.Length;)
        {
            var count = await socket.ReceiveAsync(answer.AsMemory(received), ct);
            if (count == 0) return null;
            received += count;
        }

        return LivenessProtocol.Read(secret, identity, nonce, answer) switch
        {
            LivenessState.WaitingForPeers => ProbeAnswer.WaitingForPeers,
            LivenessState.Computing => ProbeAnswer.Computing,
            LivenessState.Alive => ProbeAnswer.Alive,
            _ => null,
        };
    }
}
