using Gemini.Trainer.Client.Collectives;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>The ring of a session's epoch.</summary>
public static class SessionRing
{
    /// <summary>
    /// Connects this rank to its neighbours in the running epoch. The ring's waits end with the epoch, and a lost neighbour is reported. The
    /// host sees when the ring uses the network. Call this
    /// after every <see cref="GeminiSession.RestoreAsync"/>, and dispose the ring before the next one.
    /// </summary>
    /// <param name="session">The session. It was joined with the listener's endpoint as <see cref="GeminiOptions.RingEndpoint"/>.</param>
    /// <param name="listener">This process's listener. The caller keeps the ownership.</param>
    /// <exception cref="OperationCanceledException">The epoch ended while the ring was being connected.</exception>
    /// <exception cref="RingRefusedException">The next rank has another secret, or the two ranks disagree about rank or world size.</exception>
    public static async Task<Ring> ConnectRingAsync(this GeminiSession session, RingListener listener)
    {
        var epoch = session.EpochToken;
        var ring = await Ring.ConnectAsync(
            listener, session.RingEndpoints, session.Rank, session.Epoch, session.RingSecret, epoch);
        ring.AbortWith(epoch);
        ring.MarkIn(session.Network);
        _ = ring.PeerLost.ContinueWith(
            lost => session.ReportLostPeer(lost.Result),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion,
            TaskScheduler.Default);
        return ring;
    }
}
