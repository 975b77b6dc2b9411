using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Gemini.Grains.Health;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Trainers;

/// <summary>Asks trainers of any host whether they live (<see cref="LivenessProtocol"/>).</summary>
internal sealed class TrainerProbe(JobSecret secret, TimeProvider time) : ITrainerProbe
{
    /// <summary>A lost packet, or a thread that did not get its turn, is not a death.</summary>
    private const int Tries = 3;

    /// <summary>
    /// A live trainer answers in a round trip; on cores that others saturate its thread waits for a turn of some 10 ms. Only trainers are
    /// asked of whom the worst is suspected already.
    /// </summary>
    private static readonly TimeSpan TryLimit = TimeSpan.FromMilliseconds(200);

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
                // Cut short, unreachable or out of time: once more, but not before this try's time is over.
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, time, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return ProbeAnswer.Silent;
    }

    /// <summary>Null: what came was no answer of that process.</summary>
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
