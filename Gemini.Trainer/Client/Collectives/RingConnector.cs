using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Collectives;

/// <summary>Connects a rank to its two neighbours.</summary>
/// <remarks>
/// Ranks start in any order and leave an epoch at different times, so either side may be early. The connector tries again until it is accepted,
/// cancelled, or refused for good. The acceptor refuses every connection that is not from its predecessor in this epoch, and continues to wait. It
/// runs the handshakes of all connections at the same time, so that a silent connection delays nobody.
/// </remarks>
internal static class RingConnector
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(20);

    // A handshake is two round trips. On a busy machine each of them may wait for CPU time.
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(2);

    // Enough for one predecessor and its earlier attempts; all other connections are from strangers.
    private const int HandshakesMaximum = 64;

    /// <returns>Connected sockets in non-blocking mode. The caller disposes them.</returns>
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
                (socket, token) => RingHandshake.ConnectAsync(socket, endpoint, self, token),
                Timeout.InfiniteTimeSpan,
                time,
                ct);
            if (verdict.Socket is { } accepted) return accepted;
            if (verdict.Reason is RingHandshake.Verdict.WrongSecret or RingHandshake.Verdict.WrongRank)
            {
                throw new RingRefusedException(
                    $"Rank {self.Next} at {endpoint} and rank {self.Rank} do not belong to the same ring: {verdict.Reason}.");
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
            // The peer does not listen yet, or has ended.
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The peer was silent for too long.
        }
        catch (ObjectDisposedException)
        {
            // Too many handshakes were running, and this was the oldest.
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
