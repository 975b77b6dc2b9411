using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;
using static Gemini.Silo.Trainers.TrainerEvent;

namespace Gemini.Silo.Trainers;

/// <summary>
/// Keeps the host's trainers alive and informed: starts them, notices their death within milliseconds, starts them again, adopts those of an earlier
/// silo, and passes the root agent's messages to them.
/// </summary>
/// <remarks>
/// Trainers are started on standby hosts too, so that they are warm when the host gets a position. The supervisor decides nothing about the job. It
/// reports the state of the trainers (<see cref="Reports"/>, <see cref="Changed"/>). The worker agent tells it what it has learned of a trainer by a
/// grain call (the <c>Mark</c> members). All members are thread-safe.
/// </remarks>
internal sealed class TrainerSupervisor : ITrainers, IAsyncDisposable
{
    /// <summary>How many abandoned iterations a reconnecting trainer is told. It can have missed at most those of its two slots.</summary>
    private const int RememberedAbandonments = 8;

    private readonly JobSpec _job;
    private readonly HostPaths _paths;
    private readonly ImmutableArray<SupervisedTrainer> _trainers;
    private readonly TrainerSocketServer _server;
    private readonly DeathWatch _deaths;
    private readonly Lock _gate = new();
    private readonly Queue<SiloAbandoned> _abandoned = new();
    private SiloCommitted? _committed;
    private SiloPersisted? _persisted;
    private HostPosition? _position;
    private bool _left;

    public TrainerSupervisor(
        JobSpec job, HostName host, HostPaths paths, TrainerOptions options, TimeProvider time, ILogger<TrainerSupervisor> logger,
        Func<long?>? oomKills = null)
    {
        (_job, _paths, _deaths) = (job, paths, new DeathWatch(() => _trainers.Any(trainer => trainer.IsInEpoch)));
        var shared = new TrainerContext(job, host, paths, options, time, _deaths, oomKills ?? (() => MachineMemory.OomKills()), logger);
        _trainers =
        [
            .. Enumerable.Range(0, job.RanksPerHost).Select(index => new SupervisedTrainer(
                index, shared, () => Changed?.Invoke(), snapshot => OnCapturing(index, snapshot))),
        ];
        _server = new TrainerSocketServer(paths.TrainerSocket, ServeAsync, ServeSpareAsync, time, logger);
    }

    /// <summary>A report or the problem has changed. Raised from any thread, under no lock; must not block.</summary>
    public event Action? Changed;

    /// <summary>A trainer began to capture; the arguments are its rank and the snapshot.</summary>
    public event Action<Rank, SnapshotId>? Capturing;

    /// <summary>The host's trainers by local index.</summary>
    public ImmutableArray<TrainerReport> Reports => [.. _trainers.Select(trainer => trainer.Report)];

    /// <summary>Why a trainer does not start, and the fix; null if nothing is wrong.</summary>
    public string? Problem => _trainers.Select(trainer => trainer.Problem).FirstOrDefault(problem => problem is not null);

    /// <summary>What kills a trainer again and again although the trainer is not at fault, and what to check; null if nothing does.</summary>
    public string? Warning => _trainers.Select(trainer => trainer.Warning).FirstOrDefault(warning => warning is not null);

    /// <summary>
    /// Opens the trainer socket, and starts or adopts the trainers. After <see cref="ShutdownAsync"/> or <see cref="DetachAsync"/> it does nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">The socket's path is too long.</exception>
    public void Start()
    {
        lock (_gate)
        {
            if (_left) return;
        }

        _paths.EnsureDirectory();
        _server.Start();
        foreach (var trainer in _trainers) trainer.Start();
    }

    /// <summary>Makes the trainer socket again if somebody deleted it.</summary>
    public void EnsureSocket() => _server.EnsureSocket();

    /// <summary>
    /// Sets the position of the host in the job; null for a standby. The position decides the trainers' ranks. A trainer that joined with another
    /// rank is told to exit, and a fresh process is started in its place.
    /// </summary>
    public void SetPosition(HostPosition? position)
    {
        lock (_gate) _position = position;
        for (var index = 0; index < _trainers.Length; index++) _trainers[index].On(new RankNeeded(position is { } at ? _job.RankOf(at, index) : null));
    }

    /// <summary>A trainer was told its rank. It keeps the rank for its whole life.</summary>
    public void MarkJoined(Rank rank) => On(rank, new Joined(rank));

    /// <summary>This silo started when the epoch already ran. Trainers that are in the epoch continue; others are told to stop.</summary>
    public void AdoptEpoch(Epoch epoch)
    {
        foreach (var trainer in _trainers) trainer.On(new EpochRuns(epoch));
    }

    /// <summary>Process id of the trainer that has this rank now; 0 if the rank is not on this host or has no process.</summary>
    public int ProcessIdOf(Rank rank) => TrainerOf(rank)?.ProcessId ?? 0;

    /// <summary>
    /// Ends every epoch before the given one on this host. When the task completes, no trainer captures for those epochs any more. A trainer that did
    /// not answer within <see cref="TrainerLimits.StopLimit"/> has been killed.
    /// </summary>
    public Task StopEpochAsync(Epoch epoch)
    {
        lock (_gate) _abandoned.Clear();
        return Task.WhenAll(_trainers.Select(trainer => trainer.StopEpochAsync(epoch)));
    }

    /// <summary>Tells the trainers that every shard of this iteration has its replicas. A trainer that connects later is told, too.</summary>
    public void PushCommitted(Epoch epoch, Iteration iteration)
    {
        var message = new SiloCommitted(epoch.Value, iteration.Value);
        lock (_gate)
        {
            if (_committed is { } known && (known.Epoch, known.Iteration).CompareTo((message.Epoch, message.Iteration)) > 0) return;
            _committed = message;
        }

        foreach (var trainer in _trainers) trainer.Send(message);
    }

    /// <summary>
    /// Tells the trainers that the snapshot of this iteration and epoch is complete in persistent storage. A trainer that connects later is told,
    /// too.
    /// </summary>
    public void PushPersisted(Epoch epoch, Iteration iteration)
    {
        var message = new SiloPersisted(epoch.Value, iteration.Value);
        lock (_gate)
        {
            if (_persisted == message) return;
            _persisted = message;
        }

        foreach (var trainer in _trainers) trainer.Send(message);
    }

    /// <summary>Tells the trainers that this iteration will never be committed. A trainer that connects later is told, too.</summary>
    public void PushAbandoned(Epoch epoch, Iteration iteration)
    {
        var message = new SiloAbandoned(epoch.Value, iteration.Value);
        lock (_gate)
        {
            _abandoned.Enqueue(message);
            if (_abandoned.Count > RememberedAbandonments) _abandoned.Dequeue();
        }

        foreach (var trainer in _trainers) trainer.Send(message);
    }

    /// <summary>The trainer declared the size of its shard.</summary>
    public void MarkDeclared(Rank rank, long payloadBytes) => On(rank, new Declared(payloadBytes));

    /// <summary>The trainer asks for a restore point: its training loop is back.</summary>
    public void MarkAsking(Rank rank) => On(rank, new Asked());

    /// <summary>The trainer got the restore point of this epoch.</summary>
    public void MarkLoading(Rank rank, Epoch epoch) => On(rank, new Handed(epoch));

    /// <summary>The trainer holds the state of this iteration and iterates in this epoch.</summary>
    public void MarkLoaded(Rank rank, Epoch epoch, Iteration iteration) => On(rank, new Loaded(epoch, iteration));

    /// <summary>The trainer sealed its shard of this iteration in host memory.</summary>
    public void MarkCaptured(Rank rank, Iteration iteration) => On(rank, new Captured(iteration));

    /// <summary>The trainer skipped a save.</summary>
    public void MarkSkipped(Rank rank) => On(rank, new Skipped());

    /// <summary>
    /// The job is finished. Trainers exit, and none is started until a later epoch begins. A trainer that is just starting may say hello first, and
    /// so say how many iterations it is configured to run.
    /// </summary>
    /// <param name="epoch">The epoch in which the job was finished.</param>
    public void Rest(Epoch epoch)
    {
        foreach (var trainer in _trainers) trainer.On(new JobFinished(epoch));
    }

    /// <summary>Tells the trainers to exit, kills those that do not exit within the limit, and starts no others. Idempotent.</summary>
    /// <param name="reason">For the trainers' logs.</param>
    /// <param name="limit">Default: 5 s.</param>
    public async Task ShutdownAsync(string reason, TimeSpan? limit = null)
    {
        lock (_gate) _left = true;
        await Task.WhenAll(_trainers.Select(trainer => trainer.ShutdownAsync(reason, limit ?? TimeSpan.FromSeconds(5))));
        await _server.DisposeAsync();
        _deaths.Dispose();
    }

    /// <summary>The silo ends and the trainers continue: the next silo of this host adopts them.</summary>
    public async Task DetachAsync()
    {
        lock (_gate) _left = true;
        await Task.WhenAll(_trainers.Select(trainer => trainer.DetachAsync()));
        await _server.DisposeAsync();
        _deaths.Dispose();
    }

    /// <summary>Detaches, unless the trainers were shut down.</summary>
    public async ValueTask DisposeAsync()
    {
        bool left;
        lock (_gate) left = _left;
        if (!left) await DetachAsync();
    }

    private Task ServeAsync(TrainerHello hello, TrainerConnection connection, CancellationToken cancellation)
    {
        var trainer = TrainerAt(hello.LocalIndex);
        IReadOnlyList<TrainerMessage> catchUp;
        lock (_gate) catchUp = [.. new TrainerMessage?[] { _committed, _persisted }.OfType<TrainerMessage>(), .. _abandoned];
        return trainer.ServeAsync(hello, connection, catchUp, cancellation);
    }

    private Task ServeSpareAsync(TrainerSpare hello, TrainerConnection connection, CancellationToken cancellation) =>
        TrainerAt(hello.LocalIndex).ServeAsync(hello, connection, cancellation);

    private SupervisedTrainer TrainerAt(int localIndex) => localIndex >= 0 && localIndex < _trainers.Length
        ? _trainers[localIndex]
        : throw new InvalidDataException($"It says it is trainer {localIndex}; this host has {_trainers.Length}.");

    private void OnCapturing(int localIndex, SnapshotId snapshot)
    {
        HostPosition? position;
        lock (_gate) position = _position;
        if (position is { } at) Capturing?.Invoke(_job.RankOf(at, localIndex), snapshot);
    }

    private void On(Rank rank, TrainerEvent happened) => TrainerOf(rank)?.On(happened);

    private SupervisedTrainer? TrainerOf(Rank rank)
    {
        HostPosition? position;
        lock (_gate) position = _position;
        return position is { } at && _job.PositionOf(rank) == at ? _trainers[rank.Value - _job.RankOf(at, 0).Value] : null;
    }
}
