using Gemini.Grains.Scheduling;
using Gemini.Interfaces.Drills;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Transfer;

/// <summary>One attempt to send one replica over one connection. If the capture still runs, the transfer follows it.</summary>
/// <param name="connection">The caller keeps it, and must close it afterwards unless <see cref="IsConnectionClean"/>.</param>
/// <param name="lease">The slot to send from. The caller keeps the lease.</param>
/// <param name="offer">The offer to fulfil.</param>
/// <param name="isWanted">Whether the offer is still wanted; called before every chunk.</param>
/// <param name="connector">Options, clock and counters.</param>
/// <param name="gate">Says when training leaves the network to replicas.</param>
/// <param name="holder">The peer.</param>
internal sealed class ReplicaTransfer(
    DataConnection connection, SegmentLease lease, ReplicaOffer offer, Func<ReplicaOffer, bool> isWanted, DataConnector connector, TrafficGate gate,
    HostName holder)
{
    private readonly bool _waitsForSpans = gate.IsInUseTowards(holder);
    private readonly TransferOptions _options = connector.Options;
    private readonly long _begun = connector.Time.GetTimestamp();
    private PeriodicTimer? _poll;

    /// <summary>Whether the connection is between two requests, so that another request can be sent on it.</summary>
    public bool IsConnectionClean { get; private set; }

    /// <summary>Why the transfer failed; for people.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>Whether the holder received bytes that do not match their hashes.</summary>
    public bool IsCorrupt { get; private set; }

    /// <summary>Whether the holder has answered at all.</summary>
    public bool IsAnswered { get; private set; }

    /// <exception cref="Exception">A connection failure, see <see cref="DataConnection.IsConnectionFailure"/>.</exception>
    public async Task<SendOutcome> RunAsync()
    {
        gate.BeginSending(lease.Owner, holder, lease.PayloadBytes);
        try
        {
            if (!isWanted(offer)) return SendOutcome.Superseded;
            connection.LimitRate(gate.RateLimitTowards(holder));
            connection.Arm(_options.ChunkTimeout);
            new DataRequest(
                DataRequestKind.Replicate, lease.Owner, offer.Epoch, offer.Snapshot, offer.Keep, lease.PayloadBytes, lease.ChunkBytes)
                .Write(connection.SendFrame);
            await connection.SendFrameAsync(DataRequest.SizeBytes);
            await connection.ReceiveFrameAsync(DataReply.SizeBytes);
            IsAnswered = true;
            if (!DataReply.TryRead(connection.ReceivedFrame, out var reply)) return Fail("the answer is no reply");
            IsConnectionClean = reply.Kind is DataReplyKind.Have or DataReplyKind.Refuse;
            return reply.Kind switch
            {
                DataReplyKind.Accept => await SendAsync(),
                DataReplyKind.Have => await CompareAsync(reply.Hash),
                DataReplyKind.Refuse => Fail($"the holder refused: {reply.Reason}"),
                _ => Fail($"the holder answered {reply.Kind}"),
            };
        }
        finally
        {
            gate.EndSending();
            _poll?.Dispose();
        }
    }

    private async Task<SendOutcome> SendAsync()
    {
        // One read is pending all the time, so that a refusal is seen before the next chunk.
        var answer = connection.ReceiveFrameAsync(DataReply.SizeBytes).AsTask();
        Observe(answer);
        var outcome = await SendChunksAsync(answer);
        if (outcome is not null || answer.IsCompleted) return outcome ?? await RefusedAsync(answer);
        var hash = lease.Hash;
        if (!lease.StillHolds()) return SendOutcome.Superseded;
        connection.Arm(_options.ChunkTimeout);
        await ChunkStream.SendEndAsync(connection, new ChunkFrame(ChunkFrameKind.Seal, lease.ChunkCount, 0, hash.Value));
        await answer;
        if (!DataReply.TryRead(connection.ReceivedFrame, out var reply)) return Fail("the answer is no reply");
        if (reply.Kind != DataReplyKind.Sealed) return Refused("the holder refused", reply.Reason);
        if (reply.Hash != hash) return Fail($"the holder sealed {reply.Hash}, sent was {hash}");
        IsConnectionClean = true;
        return SendOutcome.Acked;
    }

    /// <summary>Null if every chunk was sent and the slot is sealed, or if an answer came early.</summary>
    private async Task<SendOutcome?> SendChunksAsync(Task answer)
    {
        if (gate.WaitsForCapture && await WaitAsync(answer, sealedWanted: true, lease.PayloadBytes) is { } early) return early;
        for (var index = 0; index < lease.ChunkCount; index++)
        {
            var end = Math.Min((index + 1L) * lease.ChunkBytes, lease.PayloadBytes);
            if (lease.CapturedBytes < end && await WaitAsync(answer, sealedWanted: false, end) is { } outcome) return outcome;
            if (await WaitForNetworkAsync(answer, index) is { } ended) return ended;
            if (index == lease.ChunkCount / 2) await Moments.ReachAsync(Moment.Replication, offer.Snapshot.Iteration.Value);
            if (answer.IsCompleted) return null;
            // The connection is closed afterwards. That tells the holder.
            if (!isWanted(offer) || !lease.StillHolds()) return SendOutcome.Superseded;
            connection.Arm(_options.ChunkTimeout);
            if (_waitsForSpans) await SendInPartsAsync(index);
            else await ChunkStream.SendChunkAsync(connection, lease, index);
            connector.Counters.ChunkSent((int)(end - ((long)index * lease.ChunkBytes)));
        }

        return lease.IsSealed ? null : await WaitAsync(answer, sealedWanted: true, lease.PayloadBytes);
    }

    /// <summary>Waits for the capture. Null if it has progressed far enough, or if an answer came.</summary>
    private async Task<SendOutcome?> WaitAsync(Task answer, bool sealedWanted, long capturedBytes)
    {
        connection.Disarm();
        var (advanced, since) = (lease.CapturedBytes, connector.Time.GetTimestamp());
        while (sealedWanted ? !lease.IsSealed : lease.CapturedBytes < capturedBytes)
        {
            if (answer.IsCompleted) return null;
            if (!isWanted(offer) || !lease.StillHolds()) return SendOutcome.Superseded;
            if (lease.CapturedBytes != advanced) (advanced, since) = (lease.CapturedBytes, connector.Time.GetTimestamp());
            if (connector.Time.GetElapsedTime(since) > _options.CaptureStallTimeout)
                return Fail($"the capture makes no progress at {advanced} of {lease.PayloadBytes} bytes");

            await PollAsync(_options.WatermarkPoll);
        }

        return null;
    }

    /// <summary>
    /// Waits until training leaves the network to replicas. The holder is told, so that it does not take the wait for a failure. Null if a chunk may
    /// be sent, or if an answer came.
    /// </summary>
    private async Task<SendOutcome?> WaitForNetworkAsync(Task answer, int index)
    {
        var told = connector.Time.GetTimestamp();
        while (_waitsForSpans && Ask(Rate(connection.Queue)) is { MaySend: false } permit)
        {
            if (answer.IsCompleted) return null;
            if (!isWanted(offer) || !lease.StillHolds()) return SendOutcome.Superseded;
            if (connector.Time.GetElapsedTime(told) > _options.ChunkTimeout / 2)
            {
                connection.Arm(_options.ChunkTimeout);
                await ChunkStream.SendEndAsync(connection, new ChunkFrame(ChunkFrameKind.Wait, index));
                told = connector.Time.GetTimestamp();
            }

            connection.Disarm();
            await PollAsync(permit.Wait);
        }

        return null;
    }

    /// <summary>
    /// Sends a chunk in parts, as the network allows. The holder waits for the whole chunk, so the pauses in it are bounded: afterwards the rest is
    /// sent in any case.
    /// </summary>
    private async Task SendInPartsAsync(int index)
    {
        var rest = await ChunkStream.BeginChunkAsync(connection, lease, index);
        var pauses = TimeSpan.Zero;
        while (rest.Length > 0)
        {
            var begun = connector.Time.GetTimestamp();
            int room;
            while ((room = Room(connection.Queue, out var wait)) == 0 && isWanted(offer)
                && pauses + connector.Time.GetElapsedTime(begun) < _options.ChunkTimeout / 4)
                await PollAsync(wait);

            pauses += connector.Time.GetElapsedTime(begun);
            var part = rest[..Math.Min(rest.Length, Math.Max(room, TrafficGate.PartBytesMin))];
            await connection.SendAsync(part);
            rest = rest[part.Length..];
        }
    }

    private SendPermit Ask(long rate) => gate.Ask(TrafficGate.PartBytes(rate), rate, _begun);

    private long Rate(in TcpQueue queue) => gate.RateTowards(holder, queue);

    /// <summary>How many bytes may be sent now. 0: none, or not worth a call, and the caller waits.</summary>
    private int Room(in TcpQueue queue, out TimeSpan wait)
    {
        var rate = Rate(queue);
        var permit = Ask(rate);
        wait = permit.Wait;
        if (!permit.MaySend) return 0;
        // Without a measurement the rate can be that of a short burst, so little is risked.
        var inFlight = permit.InFlight < SendRule.InFlightMin || gate.Paths.IsKnown(holder) ? permit.InFlight : SendRule.InFlightMin;
        var limit = TrafficGate.InFlightBytes(inFlight, rate);
        var room = limit - queue.Bytes;
        if (room >= Math.Min(limit, TrafficGate.PartBytes(rate))) return (int)Math.Min(room, int.MaxValue);
        wait = gate.UntilHalf(queue.Bytes, limit, rate);
        return 0;
    }

    private async Task PollAsync(TimeSpan pause)
    {
        _poll ??= new PeriodicTimer(pause, connector.Time);
        if (_poll.Period != pause) _poll.Period = pause;
        await _poll.WaitForNextTickAsync();
    }

    private async Task<SendOutcome> CompareAsync(ContentHash held)
    {
        if (!lease.IsSealed && await WaitAsync(new TaskCompletionSource().Task, sealedWanted: true, lease.PayloadBytes) is { } outcome) return outcome;
        var hash = lease.Hash;
        if (!lease.StillHolds()) return SendOutcome.Superseded;
        return hash == held ? SendOutcome.Acked : Fail($"the holder has this snapshot with hash {held}, here it is {hash}");
    }

    private async Task<SendOutcome> RefusedAsync(Task answer)
    {
        await answer;
        return DataReply.TryRead(connection.ReceivedFrame, out var reply)
            ? Refused("the holder ended the transfer", reply.Reason)
            : Fail("the answer is no reply");
    }

    /// <summary>The transfer may end before the answer comes. Then the pending read fails, and its exception must count as observed.</summary>
    private static void Observe(Task answer) =>
        answer.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private SendOutcome Refused(string what, DataRefusal reason)
    {
        IsCorrupt = reason == DataRefusal.HashMismatch;
        return Fail($"{what}: {reason}");
    }

    private SendOutcome Fail(string problem)
    {
        Problem = problem;
        return SendOutcome.Failed;
    }
}
