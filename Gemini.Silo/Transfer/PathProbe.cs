using Gemini.Grains.Scheduling;
using Gemini.Interfaces;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Transfer;

/// <summary>
/// Measures how a path treats background traffic: whether a burst as training sends it takes longer beside a background flow. Takes some two and a half
/// times <see cref="TransferOptions.PathProbe"/>. Meanwhile the path is used as much as it can be, and both hosts take part in no other measurement.
/// </summary>
/// <param name="connector">Opens connections to other hosts' data ports.</param>
/// <param name="own">This host's turn.</param>
internal sealed class PathProbe(DataConnector connector, ProbeTurn own)
{
    private const int FirstBurstBytes = 64 * 1024;
    private const int PieceBytes = 256 * 1024;
    private const long FlowBytes = 4 << 20;

    /// <summary>A burst is so large that it takes this long: longer than what queues and clocks add to it.</summary>
    internal static readonly TimeSpan BurstLength = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// What goes before each timed burst, as a share of it. A link may send the first bytes after a pause faster than its rate (a token bucket), and
    /// background traffic leaves it nothing to save. The bursts of training are so long that this does not count.
    /// </summary>
    private const double LeadIn = 0.25;

    /// <summary>
    /// How often bursts alone and bursts beside the flow are measured in turn. So what else slows the path or the hosts meanwhile slows both alike.
    /// </summary>
    private const int Rounds = 4;

    /// <summary>In this share of a round's length the flow becomes as fast as it can.</summary>
    private const double FlowStart = 0.5;

    /// <summary>The longest time that a slow path may add. If a measurement takes longer, the path stays unknown.</summary>
    private static readonly TimeSpan Allowance = TimeSpan.FromSeconds(6);

    private static readonly byte[] Piece = new byte[PieceBytes];

    private TimeProvider Time => connector.Time;

    /// <summary>How long bursts are measured, alone and beside the flow, in all rounds.</summary>
    private TimeSpan Length => connector.Options.PathProbe;

    /// <summary>The measurement, or the reason why there is none.</summary>
    /// <param name="endpoint">The other host's data port.</param>
    /// <param name="isOwnTurnFirst">
    /// Whether this host takes its own turn before the other host's. Of any two hosts, both say the same one first, so no hosts wait for each other.
    /// </param>
    /// <param name="ct">Ends the measurement.</param>
    /// <exception cref="OperationCanceledException">By <paramref name="ct"/>.</exception>
    public async Task<(PathMeasurement? Path, string Problem)> MeasureAsync(string endpoint, bool isOwnTurnFirst, CancellationToken ct)
    {
        var (training, problem) = await connector.ConnectAsync(endpoint, marked: false, ct);
        if (training is null) return (null, problem);
        using (training)
        {
            try
            {
                using var ownTurn = await TakeTurnsAsync(training, isOwnTurnFirst, ct);
                return ownTurn is null
                    ? (null, $"for {ProbeTurn.WaitLimit.TotalSeconds:0} s, one of the two hosts took part in other measurements")
                    : await MeasureAsync(training, endpoint, ct);
            }
            catch (Exception error) when (DataConnection.IsConnectionFailure(error))
            {
                ct.ThrowIfCancellationRequested();
                return (null, DataConnection.Describe(error));
            }
        }
    }

    /// <summary>Takes both hosts' turns. The other host's ends with the connection; this host's is returned. Null: they were not free in time.</summary>
    private async Task<IDisposable?> TakeTurnsAsync(DataConnection training, bool isOwnTurnFirst, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(ProbeTurn.WaitLimit, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        using var abort = either.Token.UnsafeRegister(_ => training.Abort(), null);
        IDisposable? ownTurn = null;
        try
        {
            if (!isOwnTurnFirst) await AskForTurnAsync(training);
            ownTurn = await own.TakeAsync(either.Token);
            if (isOwnTurnFirst) await AskForTurnAsync(training);
            return ownTurn;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            ownTurn?.Dispose();
            return null;
        }
        catch
        {
            ownTurn?.Dispose();
            throw;
        }
    }

    private async Task<(PathMeasurement? Path, string Problem)> MeasureAsync(DataConnection training, string endpoint, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource((Length * 4) + Allowance, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        var (background, problem) = await connector.ConnectAsync(endpoint, marked: true, either.Token);
        if (background is null) return (null, problem);
        using (background)
        using (either.Token.UnsafeRegister(_ => { training.Abort(); background.Abort(); }, null))
            return (await MeasureAsync(training, background), "");
    }

    private async Task<PathMeasurement> MeasureAsync(DataConnection training, DataConnection background)
    {
        training.FillPath();
        background.FillPath();
        var bytes = await FindBurstAsync(training);
        var (alone, beside) = (new List<TimeSpan>(), new List<TimeSpan>());
        var (flowed, flowTime) = (0L, TimeSpan.Zero);
        for (var round = 0; round < Rounds; round++)
        {
            await AddBurstsAsync(training, bytes, alone);
            var flow = new Flow(background, this);
            var running = flow.RunAsync();
            try
            {
                await Task.Delay(Length / Rounds * FlowStart, Time);
                var (begun, before) = (Time.GetTimestamp(), flow.Bytes);
                await AddBurstsAsync(training, bytes, beside);
                flowed += flow.Bytes - before;
                flowTime += Time.GetElapsedTime(begun);
            }
            finally
            {
                flow.Stop();
                await running;
            }
        }

        var burst = MedianOf(alone);
        return new PathMeasurement((long)(bytes / burst.TotalSeconds), burst, MedianOf(beside), (long)(flowed / flowTime.TotalSeconds));
    }

    private static TimeSpan MedianOf(List<TimeSpan> times) => TimeSpan.FromTicks((long)Median.Of(times.Select(time => (double)time.Ticks)));

    /// <summary>A size that takes about <see cref="BurstLength"/>, found by doubling.</summary>
    private async Task<long> FindBurstAsync(DataConnection training)
    {
        var bytes = (long)FirstBurstBytes;
        while (bytes < DataRequest.ProbeBytesMax && await SendAsync(training, bytes) < BurstLength) bytes *= 2;
        return bytes;
    }

    /// <summary>Measures bursts for the length of a round.</summary>
    private async Task AddBurstsAsync(DataConnection training, long bytes, List<TimeSpan> times)
    {
        for (var begun = Time.GetTimestamp(); Time.GetElapsedTime(begun) < Length / Rounds;)
        {
            await SendAsync(training, (long)(bytes * LeadIn));
            var time = await SendAsync(training, bytes);
            times.Add(time);
            // Training computes between its bursts. The flow then fills the queue again.
            await Task.Delay(time, Time);
        }
    }

    /// <summary>Waits until the other host takes part in no other measurement.</summary>
    private async Task AskForTurnAsync(DataConnection training)
    {
        training.Arm(ProbeTurn.WaitLimit + connector.Options.ChunkTimeout);
        await SendAsync(training, DataRequest.Probe(0));
        await ReadAcceptAsync(training);
    }

    /// <summary>Sends a probe. Returns the time until the peer had all of it.</summary>
    private async Task<TimeSpan> SendAsync(DataConnection connection, long bytes)
    {
        var begun = Time.GetTimestamp();
        connection.Arm(connector.Options.ChunkTimeout);
        await SendAsync(connection, DataRequest.Probe(bytes));
        for (var rest = bytes; rest > 0; rest -= PieceBytes)
        {
            connection.Arm(connector.Options.ChunkTimeout);
            await connection.SendAsync(Piece.AsMemory(0, (int)Math.Min(rest, PieceBytes)));
        }

        await ReadAcceptAsync(connection);
        return Time.GetElapsedTime(begun);
    }

    private static ValueTask SendAsync(DataConnection connection, in DataRequest request)
    {
        request.Write(connection.SendFrame);
        return connection.SendFrameAsync(DataRequest.SizeBytes);
    }

    private static async Task ReadAcceptAsync(DataConnection connection)
    {
        await connection.ReceiveFrameAsync(DataReply.SizeBytes);
        if (!DataReply.TryRead(connection.ReceivedFrame, out var reply) || reply.Kind != DataReplyKind.Accept)
            throw new EndOfStreamException("the peer does not answer probes");
    }

    /// <summary>Background traffic without an end.</summary>
    private sealed class Flow(DataConnection connection, PathProbe probe)
    {
        private long _bytes;
        private volatile bool _isOver;

        public long Bytes => Interlocked.Read(ref _bytes);

        public void Stop() => _isOver = true;

        public async Task RunAsync()
        {
            while (!_isOver)
            {
                await probe.SendAsync(connection, FlowBytes);
                Interlocked.Add(ref _bytes, FlowBytes);
            }
        }
    }
}
