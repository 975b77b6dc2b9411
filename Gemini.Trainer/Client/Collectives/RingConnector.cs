using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Collectives;

/// <summary>Finds a rank's two neighbours.</summary>
/// <remarks>
/// Ranks come up in any order and leave an epoch at different times, so either side may be early. The connector therefore tries again
/// until it is accepted or cancelled; the acceptor refuses whatever is not its predecessor of this epoch and goes on waiting. It shakes hands
/// with all that connect at the same time, so that a connection that says nothing keeps nobody waiting.
/// </remarks>
internal static class RingConnector
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(20);

    // A handshake is two round trips; on a busy machine each may wait for a turn of the processor.
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(2);

    // One predecessor, and what is left of its earlier attempts; the rest are strangers.
    private const int HandshakesMaximum = 64;

    /// <returns>Connected sockets, in non-blocking mode, that the caller disposes.</returns>
    public static async Task<(Socket Next, Socket Previous)> ConnectAsync(
        RingListener listener, IPEndPoint nextEndpoint, RingIdentity self, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var connecting = ConnectNextAsync(nextEndpoint, self, listener.Time, stop.Token);
        var accepting = AcceptPreviousAsync(listener, self, stop.Token);
        try
        {
            await await Task.WhenAny(connecting, accepting);
            return (Prepare(await connecting), Prepare(await accepting));
        }
        catch
        {
            await stop.CancelAsync();
            await DisposeResultAsync(connecting);
            await DisposeResultAsync(accepting);
            throw;
        }
    }

    private static async Task<Socket> ConnectNextAsync(IPEndPoint endpoint, RingIdentity self, TimeProvider time, CancellationToken ct)
    {
        while (true)
        {
            var verdict = await HandshakeAsync(
                new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp),
                async (socket, token) =>
                {
                    await socket.ConnectAsync(endpoint, token);
                    return await RingHandshake.ProposeAsync(socket, self, token);
                },
                Timeout.InfiniteTimeSpan,
                time,
                ct);
            if (verdict.Socket is { } accepted) return accepted;
            if (verdict.Reason is RingHandshake.Verdict.WrongSecret or RingHandshake.Verdict.WrongRank)
            {
                throw new RingRefusedException(
                    $"Rank {self.Next} at {endpoint} and rank {self.Rank} are of different rings: {verdict.Reason}.");
            }
            await Task.Delay(RetryDelay, time, ct);
        }
    }

    private static async Task<Socket> AcceptPreviousAsync(RingListener listener, RingIdentity self, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var unproven = new UnprovenConnections(HandshakesMaximum);
        var previous = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        var handshakes = new List<Task>();
        var accepting = listener.AcceptAsync(stop.Token).AsTask();
        try
        {
            while (await Task.WhenAny(previous.Task, accepting) == accepting)
            {
                handshakes.RemoveAll(handshake => handshake.IsCompleted);
                handshakes.Add(AnswerAsync(await accepting));
                accepting = listener.AcceptAsync(stop.Token).AsTask();
            }

            return await previous.Task;
        }
        finally
        {
            await stop.CancelAsync();
            await DisposeResultAsync(accepting);
            await Task.WhenAll(handshakes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task AnswerAsync(Socket socket)
        {
            using var place = unproven.Add(socket.Dispose);
            var verdict = await HandshakeAsync(
                socket, (connected, token) => RingHandshake.AnswerAsync(connected, self, token), HandshakeTimeout, listener.Time, stop.Token);
            if (verdict.Socket is { } accepted && !previous.TrySetResult(accepted)) accepted.Dispose();
        }
    }

    /// <summary>Runs one handshake; disposes the socket unless it was accepted.</summary>
    private static async Task<(Socket? Socket, RingHandshake.Verdict Reason)> HandshakeAsync(
        Socket socket,
        Func<Socket, CancellationToken, Task<RingHandshake.Verdict>> handshake,
        TimeSpan timeout,
        TimeProvider time,
        CancellationToken ct)
    {
        var verdict = RingHandshake.Verdict.Malformed;
        using var late = new CancellationTokenSource(timeout, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            verdict = await handshake(socket, limit.Token);
        }
        catch (SocketException)
        {
            // The peer is not there yet, or no longer.
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // It said nothing for too long.
        }
        catch (ObjectDisposedException)
        {
            // It was the oldest of too many.
        }
        finally
        {
            if (verdict != RingHandshake.Verdict.Accepted) socket.Dispose();
        }
        return (verdict == RingHandshake.Verdict.Accepted ? socket : null, verdict);
    }

    private static Socket Prepare(Socket socket)
    {
        socket.NoDelay = true;
        socket.Blocking = false;
        return socket;
    }

    private static async Task DisposeResultAsync(Task<Socket> task)
    {
        try
        {
            (await task).Dispose();
        }
        catch (Exception)
        {
            // The caller reports the failure that came first.
        }
    }
}
