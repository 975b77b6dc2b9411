using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Transfer;

/// <summary>Keeps one holder supplied with one own shard: it is told what the holder should have, and sees to it.</summary>
/// <remarks>
/// Level-triggered: it knows the newest offer and the newest acknowledgement, and while they differ it tries again, after a
/// pause that grows. A newer offer takes the place of an older one. A capture may still run when it is offered; its watermark
/// is followed. Nothing that callers call waits. Ownership: one background loop, ended by <see cref="DisposeAsync"/>.
/// </remarks>
internal sealed partial class ReplicaSender : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly HostMemory _memory;
    private readonly DataConnector _connector;
    private readonly ILogger<ReplicaSender> _logger;
    private readonly SemaphoreSlim _offered = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;
    private DataConnection? _connection;
    private ReplicaOffer? _offer;
    private SnapshotId? _acked;
    private Epoch _epoch;
    private string _problem = "";
    private bool _disposed;

    public ReplicaSender(HostMemory memory, Rank owner, string endpoint, DataConnector connector, ILogger<ReplicaSender> logger)
    {
        _memory = memory;
        Owner = owner;
        Endpoint = endpoint;
        _connector = connector;
        _logger = logger;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Raised when the holder has sealed a snapshot, on the sender's loop. Handlers must be quick and must not throw.</summary>
    public event Action<SnapshotId>? Acked;

    public Rank Owner { get; }

    /// <summary>The holder's data port.</summary>
    public string Endpoint { get; }

    /// <summary>The newest snapshot that the holder acknowledged in this epoch; null when none.</summary>
    public SnapshotId? AckedSnapshot
    {
        get
        {
            lock (_gate) return _acked;
        }
    }

    /// <summary>Why the holder does not have what it should; empty when it does, or when the first attempt still runs.</summary>
    public string Problem
    {
        get
        {
            lock (_gate) return _problem;
        }
    }

    /// <summary>
    /// What the holder should have from now on. Ignored when of an older epoch than the last <see cref="Reset"/>, or older
    /// than what is offered or acknowledged already. Idempotent; a repetition may raise <paramref name="keep"/>.
    /// </summary>
    public void Offer(SnapshotId snapshot, Epoch epoch, Iteration keep)
    {
        lock (_gate)
        {
            if (_disposed || epoch < _epoch) return;
            if (_acked is { } acked && snapshot.CompareTo(acked) <= 0) return;
            if (_offer is { } offer && snapshot.CompareTo(offer.Snapshot) < 0 && epoch <= offer.Epoch) return;
            var wasServed = _offer is { } before && before.Snapshot == snapshot && before.Epoch == epoch;
            _offer = new ReplicaOffer(snapshot, epoch, keep);
            if (!wasServed) _offered.Release();
        }
    }

    /// <summary>The snapshot is not wanted any more: it was abandoned. Another offer stands.</summary>
    public void Withdraw(SnapshotId snapshot)
    {
        lock (_gate)
        {
            if (_offer?.Snapshot == snapshot) _offer = null;
        }
    }

    /// <summary>
    /// A new epoch: drops the offer, forgets what was acknowledged, because the holder may be another process by now, and
    /// ignores offers of older epochs. A transfer that runs ends at once.
    /// </summary>
    public void Reset(Epoch epoch)
    {
        DataConnection? connection;
        lock (_gate)
        {
            if (epoch < _epoch) return;
            (_epoch, _offer, _acked, _problem) = (epoch, null, null, "");
            connection = _connection;
        }

        connection?.Abort();
    }

    /// <summary>Ends the loop, at the latest after a second.</summary>
    public async ValueTask DisposeAsync()
    {
        DataConnection? connection;
        lock (_gate)
        {
            if (_disposed) return;
            (_disposed, _offer, connection) = (true, null, _connection);
        }

        await _stopping.CancelAsync();
        connection?.Abort();
        await _loop.WaitAsync(StopTimeout, _connector.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _offered.WaitAsync(_stopping.Token);
                await SupplyAsync();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped.
        }
        catch (Exception error)
        {
            LogSenderFailed(error, Owner, Endpoint);
        }
        finally
        {
            Drop();
        }
    }

    /// <summary>Tries until the offer is acknowledged or withdrawn.</summary>
    private async Task SupplyAsync()
    {
        var delay = _connector.Options.RetryDelayMinimum;
        while (Current() is { } offer)
        {
            var (outcome, problem) = await SendAsync(offer);
            if (outcome == SendOutcome.Acked) Acknowledge(offer);
            if (outcome is SendOutcome.Acked or SendOutcome.Reconnect) continue;
            if (IsWanted(offer))
            {
                Note(offer, problem);
                await Task.Delay(delay, _connector.Time, _stopping.Token);
                delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, _connector.Options.RetryDelayMaximum.Ticks));
            }
            else
            {
                delay = _connector.Options.RetryDelayMinimum;
            }
        }
    }

    private async Task<(SendOutcome Outcome, string Problem)> SendAsync(ReplicaOffer offer)
    {
        using var lease = _memory.TryFollow(Owner, offer.Snapshot);
        if (lease is null) return (SendOutcome.Failed, "the snapshot is not in this host's memory");
        var isReused = _connection is not null;
        if (!isReused)
        {
            var (opened, problem) = await _connector.ConnectAsync(Endpoint, _stopping.Token);
            if (opened is null) return (SendOutcome.Failed, problem);
            Keep(opened);
        }

        var transfer = new ReplicaTransfer(_connection!, lease, offer, IsWanted, _connector);
        try
        {
            var outcome = await transfer.RunAsync();
            if (transfer.IsConnectionClean) _connection!.Disarm();
            else Drop();
            if (transfer.IsCorrupt) CheckOwn(lease);
            return (outcome, transfer.Problem);
        }
        catch (Exception error) when (DataConnection.IsConnectionFailure(error))
        {
            Drop();
            _stopping.Token.ThrowIfCancellationRequested();
            if (!IsWanted(offer)) return (SendOutcome.Superseded, "");
            return (isReused && !transfer.IsAnswered ? SendOutcome.Reconnect : SendOutcome.Failed, DataConnection.Describe(error));
        }
    }

    /// <summary>
    /// The holder got wrong bytes: they changed on the way, and the next attempt will do, or they have rotted here, and no
    /// attempt ever will.
    /// </summary>
    private void CheckOwn(SegmentLease lease)
    {
        var isBad = lease.IsSealed && !lease.Verify(lease.Hash, out _) && lease.StillHolds();
        if (isBad) _memory.Quarantine(Owner, lease.Snapshot, $"{Endpoint} found it bad, and so it is");
    }

    private ReplicaOffer? Current()
    {
        lock (_gate) return _offer;
    }

    private bool IsWanted(ReplicaOffer offer) => Current() is { } current && current.IsServedBy(offer);

    private void Acknowledge(ReplicaOffer offer)
    {
        lock (_gate)
        {
            if (offer.Epoch < _epoch) return;
            _acked = offer.Snapshot;
            if (_offer is { } current && current.IsServedBy(offer)) _offer = null;
            _problem = "";
        }

        LogAcked(Owner, offer.Snapshot, Endpoint);
        Acked?.Invoke(offer.Snapshot);
    }

    private void Note(ReplicaOffer offer, string problem)
    {
        lock (_gate)
        {
            if (problem == _problem || problem.Length == 0) return;
            _problem = problem;
        }

        LogProblem(Owner, offer.Snapshot, Endpoint, problem);
    }

    private void Keep(DataConnection connection)
    {
        bool isUnwanted;
        lock (_gate)
        {
            _connection = connection;
            isUnwanted = _disposed;
        }

        if (isUnwanted) connection.Abort();
    }

    private void Drop()
    {
        DataConnection? connection;
        lock (_gate) (connection, _connection) = (_connection, null);
        connection?.Dispose();
    }

    [LoggerMessage(TransferEventIds.ReplicaAcked, LogLevel.Debug, "{Endpoint} holds shard {Owner} of snapshot {Snapshot}.")]
    private partial void LogAcked(Rank owner, SnapshotId snapshot, string endpoint);

    [LoggerMessage(TransferEventIds.SenderProblem, LogLevel.Warning, "Shard {Owner} of snapshot {Snapshot} is not at {Endpoint} yet: {Reason}. Trying again.")]
    private partial void LogProblem(Rank owner, SnapshotId snapshot, string endpoint, string reason);

    [LoggerMessage(TransferEventIds.SenderFailed, LogLevel.Error, "Sending shard {Owner} to {Endpoint} has stopped.")]
    private partial void LogSenderFailed(Exception error, Rank owner, string endpoint);
}
