using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Drills;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Collectives;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// A training process's membership in a job: its rank, its peers, and a checkpoint of every iteration in the memory of the
/// training hosts.
/// </summary>
/// <remarks>
/// <code>
/// await using var session = await GeminiSession.JoinAsync(GeminiOptions.FromEnvironment());
/// while (true)
/// {
///     var start = await session.RestoreAsync(state);               // null: start from the beginning
///     try
///     {
///         for (var i = (start ?? 0) + 1; i &lt;= total; i++)
///         {
///             ... forward, backward, gradients ...
///             await session.WaitForCaptureAsync();                 // the capture wait: from here on the state changes
///             ... optimizer step ...
///             session.ReportStep(i, loss, elapsed);
///             session.Save(i, state);                              // returns at once
///         }
///         await session.CompleteAsync();
///         return;
///     }
///     catch (EpochEndedException) { }                              // something in the job failed: restore and continue
/// }
/// </code>
/// <para>
/// The process survives failures of other processes and of its own silo: after such a failure the loop above continues in the same process. All
/// members are thread safe, except that only the training loop calls <see cref="RestoreAsync"/>, <see cref="Save"/>,
/// <see cref="WaitForCaptureAsync"/> and <see cref="CompleteAsync"/>, one at a time.
/// </para>
/// </remarks>
public sealed partial class GeminiSession : IAsyncDisposable
{
    private readonly GeminiOptions _options;
    private readonly TrainerLock _lock;
    private readonly ISiloClient _client;
    private readonly SiloConnection _connection;
    private readonly SiloCalls _calls;
    private readonly CaptureNotices _notices;
    private readonly LivenessResponder? _liveness;
    private readonly CaptureThread _captures = new();
    private readonly NetworkUse _network;
    private readonly SaveDeadlines _deadlines;
    private readonly CancellationTokenSource _over = new();
    private readonly Lock _gate = new();

    private TrainerMembership? _membership;
    private Run? _run;
    private ShardImage? _image;
    private TrainingState? _state;
    private InitialState? _initial;
    private bool _hasChanged;
    private ulong[]? _hashes;
    private Epoch _epochFloor;
    private Epoch _asked;
    private long _iteration;
    private TrainerBusy? _pause;
    private long _pauseNumber;
    private string? _overReason;

    private GeminiSession(GeminiOptions options, TrainerLock held, ISiloClient client)
    {
        _options = options;
        _deadlines = new SaveDeadlines(options);
        _lock = held;
        _network = NetworkUse.Open(options.NetworkPagePath, options.TimeProvider, options.Log);
        _liveness = StartLiveness(options);
        _client = client;
        _connection = new SiloConnection(options, Hello, Received, EndSession);
        _calls = new SiloCalls(client, _connection, options);
        _notices = new CaptureNotices(_calls, options.Log);
    }

    /// <summary>This trainer's rank: 0 to <see cref="WorldSize"/>-1.</summary>
    public int Rank => _membership!.Rank.Value;

    /// <summary>How many ranks the job has.</summary>
    public int WorldSize => _membership!.WorldSize;

    /// <summary>The specification on which all hosts of the job agree.</summary>
    public JobSpec Job => _membership!.Job;

    /// <summary>The epoch of the newest restore; 0 before the first.</summary>
    public long Epoch
    {
        get { lock (_gate) return _run?.Point.Epoch.Value ?? 0; }
    }

    /// <summary>"address:port" of every rank's ring listener in this epoch, by rank; empty before the first restore.</summary>
    public ImmutableArray<string> RingEndpoints
    {
        get { lock (_gate) return _run?.Point.RingEndpoints ?? []; }
    }

    /// <summary>The secret for the handshakes of a ring; read from its file again for every ring.</summary>
    internal JobSecret RingSecret => JobSecret.LoadOrNone(_options.SecretFile);

    internal NetworkUse Network => _network;

    /// <summary>Cancelled when this epoch ends. Pass it to everything that waits for a peer. After each restore there is a new token.</summary>
    public CancellationToken EpochToken
    {
        get { lock (_gate) return _run?.Ended.Token ?? _over.Token; }
    }

    /// <summary>Iterations of this epoch that got no snapshot.</summary>
    public long SkippedSaves
    {
        get { lock (_gate) return _run?.Saves.SkippedCount ?? 0; }
    }

    /// <summary>
    /// Takes the trainer's lock, connects to the silo and waits until this host has a position in the job. A spare first waits until the silo tells
    /// it to replace the trainer.
    /// </summary>
    /// <exception cref="IOException">Another trainer of this host and index lives.</exception>
    /// <exception cref="SessionEndedException">The silo told this trainer to exit, or there is no silo.</exception>
    public static Task<GeminiSession> JoinAsync(GeminiOptions options, CancellationToken ct = default) =>
        JoinAsync(options, static options => new SiloClient(options), ct);

    /// <summary>Leaves the job: ends the capture thread, unmaps the slots, drops the lock. Snapshots stay in host memory.</summary>
    public async ValueTask DisposeAsync()
    {
        Run? run;
        lock (_gate)
        {
            _overReason ??= "The session was disposed.";
            run = _run;
            _disposed = true;
        }

        await _over.CancelAsync();
        if (run is not null) await EndRunAsync(run);
        _captures.Dispose();
        _liveness?.Dispose();
        await _notices.DisposeAsync();
        await _client.DisposeAsync();
        await _connection.DisposeAsync();
        run?.Dispose();
        ForgetInitialState();
        _image?.Dispose();
        _network.Dispose();
        _lock.Dispose();
    }

    internal static async Task<GeminiSession> JoinAsync(
        GeminiOptions options, Func<GeminiOptions, ISiloClient> connect, CancellationToken ct)
    {
        Moments.Join(options.Launch.DrillSocket, options.Host, options.TimeProvider);
        var session = await BeginAsync(options, connect, ct);
        try
        {
            session._connection.Start();
            session._notices.Start();
            _ = session.SayWhenWarmAsync();
            // The trainer of a standby waits here until a recovery needs it. A spare has done this before.
            if (options.Launch.Spare == 0) _ = session._client.WarmUpAsync().ContinueWith(task => _ = task.Exception, TaskScheduler.Default);
            while (session._membership is null)
                session._membership = await session.AskAsync(agent => agent.JoinAsync(options.LocalIndex), ct);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    private static async Task<GeminiSession> BeginAsync(
        GeminiOptions options, Func<GeminiOptions, ISiloClient> connect, CancellationToken ct)
    {
        var held = options.Launch.Spare == 0 ? TrainerLock.Take(options.LockPath) : null;
        var client = connect(options);
        try
        {
            if (held is null)
            {
                await SpareTurn.WaitAsync(options, Task.WhenAll(options.Launch.Warm, client.WarmUpAsync()), ct);
                held = TrainerLock.Take(options.LockPath);
            }

            return new GeminiSession(options, held, client);
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Null without a secret, or if the trainer cannot listen at its address. Then nobody can ask this trainer whether it lives; training is not
    /// affected.
    /// </summary>
    private static LivenessResponder? StartLiveness(GeminiOptions options)
    {
        if (options.SecretFile.Length == 0) return null;
        try
        {
            return new LivenessResponder(
                IPAddress.Parse(options.RingAddress), options.Ports, JobSecret.Load(options.SecretFile), options.IsWaitingForPeers,
                options.TimeProvider, options.Log);
        }
        catch (SocketException error)
        {
            var ports = options.Ports.Count > 0 ? $" ports {options.Ports}" : "";
            options.Log($"This trainer cannot answer liveness questions, because it cannot listen at {options.RingAddress}{ports}: {error.Message}");
            return null;
        }
    }
}
