using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Transfer;

/// <summary>
/// Keeps one holder supplied with one own shard. The worker agent offers the snapshot that the holder should have, and this class sends it.
/// </summary>
/// <remarks>
/// Level-triggered: the sender knows the newest offer and the newest acknowledgement. While they differ, it tries again after a growing pause. A
/// newer offer replaces an older one. If the offered snapshot is still being captured, the sender follows the watermark. No public method waits,
/// except <see cref="DisposeAsync"/>. Ownership: one background loop. Invariant: only <see cref="DisposeAsync"/> ends the loop. An exception fails
/// only the attempt that threw it, and the next attempt follows.
/// </remarks>
internal sealed partial class ReplicaSender : IReplicaLink
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly HostMemory _memory;
    private readonly Func<string> _endpoint;
    private readonly DataConnector _connector;
    private readonly TrafficGate _trafficGate;
    private readonly ILogger<ReplicaSender> _logger;
    private readonly SemaphoreSlim _offered = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;
    private DataConnection? _connection;
    private ReplicaOffer? _offer;
    private SnapshotId? _acked;
    private Epoch _epoch;
    private ReplicationProblem? _problem;
    private string _connectedTo = "";
    private bool _isSending;
    private bool _disposed;

    /// <param name="memory">The memory that has the shard.</param>
    /// <param name="owner">The owner of the shard.</param>
    /// <param name="holder">The host that should have the shard.</param>
    /// <param name="endpoint">
    /// Returns the holder's data port as this host knows it now; empty if it does not. Called before every attempt, because a restarted silo may have
    /// another port. Must be quick.
    /// </param>
    /// <param name="connector">Opens connections.</param>
    /// <param name="trafficGate">Says when training leaves the network to replicas.</param>
    /// <param name="logger">The log.</param>
    public ReplicaSender(
        HostMemory memory, Rank owner, HostName holder, Func<string> endpoint, DataConnector connector, TrafficGate trafficGate,
        ILogger<ReplicaSender> logger)
    {
        _memory = memory;
        Owner = owner;
        Holder = holder;
        _endpoint = endpoint;
        _connector = connector;
        _trafficGate = trafficGate;
        _logger = logger;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Raised when the holder has sealed a snapshot, on the sender's loop. Handlers must be quick and must not throw.</summary>
    public event Action<SnapshotId>? Acked;

    /// <summary>Raised when <see cref="Problem"/> has changed, on any thread, under no lock. Handlers must be quick and must not throw.</summary>
    public event Action? ProblemChanged;

    public Rank Owner { get; }

    /// <summary>The host that is supplied.</summary>
    public HostName Holder { get; }

    /// <summary>The newest snapshot that the holder acknowledged in this epoch; null if none.</summary>
    public SnapshotId? AckedSnapshot
    {
        get
        {
            lock (_gate) return _acked;
        }
    }

    /// <summary>Why the holder does not have the offered snapshot; null if it does, or if the first attempt still runs.</summary>
    public ReplicationProblem? Problem
    {
        get
        {
            lock (_gate) return _problem;
        }
    }

    /// <summary>
    /// Sets the snapshot that the holder should have from now on. Ignored if its epoch is older than that of the last <see cref="Reset"/>, or if it
    /// is older than a snapshot that is offered or acknowledged already. Idempotent; a repeated offer may raise <paramref name="keep"/>.
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

    /// <summary>Removes the offer of this snapshot, because the snapshot was abandoned. An offer of another snapshot stays.</summary>
    public void Withdraw(SnapshotId snapshot)
    {
        lock (_gate)
        {
            if (_offer?.Snapshot == snapshot) _offer = null;
        }
    }

    /// <summary>
    /// A new epoch. Drops the offer. Forgets the acknowledgement, because the holder may be another process by now. Ignores offers of older epochs
    /// from now on. A running transfer ends at once.
    /// </summary>
    public void Reset(Epoch epoch)
    {
        DataConnection? connection;
        lock (_gate)
        {
            if (epoch < _epoch) return;
            (_epoch, _offer, _acked, _problem) = (epoch, null, null, null);
            connection = _isSending ? _connection : null;
        }

        connection?.Abort();
    }

    /// <summary>Ends the loop, within a second at most.</summary>
    public async ValueTask DisposeAsync()
    {
        DataConnection? connection;
        lock (_gate)
        {
            if (_disposed) return;
            (_disposed, _offer, connection) = (true, null, _connection);
        }

        _trafficGate.Forget(Owner, Holder);
        await _stopping.CancelAsync();
        connection?.Abort();
        await _loop.WaitAsync(StopTimeout, _connector.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync()
    {
        // So that the first snapshot does not wait for a handshake. If this fails, the first attempt tries again and says why.
        await ConnectEarlyAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!_stopping.IsCancellationRequested)
        {
            await _offered.WaitAsync(_stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await SupplyAsync();
        }

        Drop();
    }

    /// <summary>Tries until the offer is acknowledged or withdrawn, or until the sender is disposed.</summary>
    private async Task SupplyAsync()
    {
        var delay = _connector.Options.RetryDelayMinimum;
        while (!_stopping.IsCancellationRequested && Current() is { } offer)
        {
            var (outcome, problem, error) = await AttemptAsync(offer);
            if (outcome is SendOutcome.Acked or SendOutcome.Reconnect) continue;
            if (IsWanted(offer))
            {
                Note(offer, problem, error);
                await Task.Delay(delay, _connector.Time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, _connector.Options.RetryDelayMaximum.Ticks));
            }
            else
            {
                delay = _connector.Options.RetryDelayMinimum;
            }
        }
    }

    /// <summary>One attempt. Never throws. The returned error is null if the network or the peer caused the failure.</summary>
    private async Task<(SendOutcome Outcome, string Problem, Exception? Error)> AttemptAsync(ReplicaOffer offer)
    {
        try
        {
            var (outcome, problem) = await SendAsync(offer);
            if (outcome == SendOutcome.Acked) Acknowledge(offer);
            return (outcome, problem, null);
        }
        catch (Exception error)
        {
            Drop();
            return (SendOutcome.Failed, DataConnection.Describe(error), DataConnection.IsConnectionFailure(error) ? null : error);
        }
    }

    private async Task<(SendOutcome Outcome, string Problem)> SendAsync(ReplicaOffer offer)
    {
        using var lease = _memory.TryFollow(Owner, offer.Snapshot);
        if (lease is null) return (SendOutcome.Failed, "the snapshot is not in this host's memory");
        var endpoint = _endpoint();
        if (endpoint != _connectedTo) Drop();
        var isReused = _connection is not null;
        if (!isReused && await ConnectAsync(endpoint) is { } obstacle) return (SendOutcome.Failed, obstacle);
        var transfer = new ReplicaTransfer(_connection!, lease, offer, IsWanted, _connector, _trafficGate, Holder);
        try
        {
            SetSending(true);
            var outcome = await transfer.RunAsync();
            if (transfer.IsConnectionClean) _connection!.Disarm();
            else Drop();
            if (transfer.IsCorrupt) CheckOwn(lease);
            return (outcome, transfer.Problem);
        }
        catch (Exception error) when (DataConnection.IsConnectionFailure(error) && isReused && !transfer.IsAnswered)
        {
            // The holder closes a connection after a long idle time. A silo that ended has closed it too.
            Drop();
            return (SendOutcome.Reconnect, "");
        }
        finally
        {
            SetSending(false);
        }
    }

    private async Task ConnectEarlyAsync() => await ConnectAsync(_endpoint());

    /// <summary>Null if there is a connection now; otherwise why not.</summary>
    private async Task<string?> ConnectAsync(string endpoint)
    {
        var (opened, problem) = await _connector.ConnectAsync(endpoint, _stopping.Token);
        if (opened is null) return problem;
        // No deadline runs while the connection is not used.
        opened.Disarm();
        Keep(opened, endpoint);
        return null;
    }

    private void SetSending(bool isSending)
    {
        lock (_gate) _isSending = isSending;
    }

    /// <summary>
    /// The holder received wrong bytes. If they changed on the way, the next attempt will succeed. If they have rotted here, no attempt ever will, so
    /// the copy is quarantined.
    /// </summary>
    private void CheckOwn(SegmentLease lease)
    {
        var isBad = lease.IsSealed && !lease.Verify(lease.Hash, out _) && lease.StillHolds();
        if (isBad) _memory.Quarantine(Owner, lease.Snapshot, $"host {Holder} received wrong bytes, and this host's check confirms that its copy is bad");
    }

    private ReplicaOffer? Current()
    {
        lock (_gate) return _offer;
    }

    private bool IsWanted(ReplicaOffer offer) => Current() is { } current && current.IsServedBy(offer);

    private void Acknowledge(ReplicaOffer offer)
    {
        bool hadProblem;
        lock (_gate)
        {
            if (offer.Epoch < _epoch) return;
            _acked = offer.Snapshot;
            if (_offer is { } current && current.IsServedBy(offer)) _offer = null;
            (hadProblem, _problem) = (_problem is not null, null);
        }

        LogAcked(Owner, offer.Snapshot, Holder);
        Acked?.Invoke(offer.Snapshot);
        if (hadProblem) ProblemChanged?.Invoke();
    }

    private void Note(ReplicaOffer offer, string reason, Exception? error)
    {
        lock (_gate)
        {
            if (offer.Epoch < _epoch || reason.Length == 0 || _problem?.Reason == reason) return;
            var since = _problem?.SinceUnixMilliseconds ?? _connector.Time.GetUtcNow().ToUnixTimeMilliseconds();
            _problem = new ReplicationProblem(Owner, Holder, reason, since);
        }

        if (error is null) LogProblem(Owner, offer.Snapshot, Holder, reason);
        else LogAttemptFailed(error, Owner, offer.Snapshot, Holder);
        ProblemChanged?.Invoke();
    }

    private void Keep(DataConnection connection, string endpoint)
    {
        bool isUnwanted;
        lock (_gate)
        {
            (_connection, _connectedTo) = (connection, endpoint);
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

    [LoggerMessage(EventIds.ReplicaAcked, LogLevel.Debug, "Host {Holder} holds shard {Owner} of snapshot {Snapshot}.")]
    private partial void LogAcked(Rank owner, SnapshotId snapshot, HostName holder);

    [LoggerMessage(EventIds.SenderProblem, LogLevel.Warning,
        "Shard {Owner} of snapshot {Snapshot} is not at host {Holder} yet: {Reason}. Trying again.")]
    private partial void LogProblem(Rank owner, SnapshotId snapshot, HostName holder, string reason);

    [LoggerMessage(EventIds.SenderFailed, LogLevel.Error,
        "Sending shard {Owner} of snapshot {Snapshot} to host {Holder} failed unexpectedly. Trying again.")]
    private partial void LogAttemptFailed(Exception error, Rank owner, SnapshotId snapshot, HostName holder);
}
