using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Trainers;

/// <summary>
/// The spare processes of one trainer. They are started once the trainer trains, and are warm a moment later. They idle until one of them takes the
/// place of a trainer that died.
/// </summary>
/// <remarks>
/// A spare holds no lock, no rank and no memory of the job. It exits when its connection ends, so no spare outlives its silo, and the next silo
/// starts its own. A spare becomes the trainer in the same order as in any start (<see cref="SupervisedTrainer"/>): only after the process before it
/// is gone, and only if it gets the lock. A spare that dies is replaced after the trainer's next step. If <see cref="SilentEndLimit"/> spares of a
/// program ended without a first line, no more are started.
/// </remarks>
internal sealed partial class SparePool(int localIndex, TrainerContext context, Action changed)
{
    /// <summary>
    /// After this many spares that ended without a first line, no more are started: the program does not know of spares, or its spares cannot run
    /// here.
    /// </summary>
    private const int SilentEndLimit = 2;

    private readonly Lock _gate = new();
    private readonly List<Spare> _spares = [];
    private int _started;
    private int _silentEnds;
    private bool _closed;
    private string _lastRefusal = "";

    /// <summary>How many spares are warm.</summary>
    public int WarmCount
    {
        get { lock (_gate) return _spares.Count(spare => spare.IsWarm); }
    }

    /// <summary>Starts one missing spare, in the background. Cheap if none is missing.</summary>
    public void Fill()
    {
        lock (_gate)
        {
            if (_closed || _silentEnds >= SilentEndLimit || _spares.Count >= context.Options.Spares) return;
            var (start, reason) = SparePolicy.Evaluate(MachineMemory.AvailableBytes(), context.Options.SpareHeadroomBytes);
            if (start) _spares.Add(new Spare(++_started, new TrainerStart(context, localIndex, _started)));
            else if (reason != _lastRefusal) LogRefused(context.Logger, localIndex, reason);
            _lastRefusal = start ? "" : reason;
            if (!start) return;
            var spare = _spares[^1];
            _ = Task.Run(() => RunAsync(spare));
        }
    }

    /// <summary>Tells a spare to take over from the trainer, whose lock must be free. Null if there is no spare.</summary>
    /// <returns>The process of the spare, which the caller owns from now on. It says hello, or exits.</returns>
    public TrainerProcess? Take()
    {
        lock (_gate)
        {
            var spare = _spares.Where(spare => spare.Connection is not null).OrderByDescending(spare => spare.IsWarm).FirstOrDefault();
            if (spare is not { Process: { Exited.IsCompleted: false } process }) return null;
            _spares.Remove(spare);
            spare.IsTaken = true;
            spare.Connection!.Send(new SiloTakeOver());
            LogTaken(context.Logger, localIndex, process.Id, spare.IsWarm);
            return process;
        }
    }

    /// <summary>Serves a spare's connection until it ends.</summary>
    public async Task ServeAsync(TrainerSpare hello, TrainerConnection connection, CancellationToken cancellation)
    {
        Spare? spare;
        lock (_gate)
        {
            spare = _spares.Find(known => known.Number == hello.Number);
            if (spare is not null) spare.Connection = connection;
        }

        // A spare of an earlier silo, or one too many. Its connection ends now, so it exits.
        if (spare is null) return;
        try
        {
            while (await connection.ReceiveAsync(cancellation) is { } message)
            {
                if (message is not TrainerWarm) continue;
                lock (_gate) spare.IsWarm = true;
                changed();
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The silo stops. The spare exits because its connection ends.
        }
        finally
        {
            lock (_gate) (spare.Connection, spare.IsWarm) = (null, false);
        }
    }

    /// <summary>Ends all spares, and starts no more. Idempotent.</summary>
    public void Close()
    {
        lock (_gate) _closed = true;
        Clear();
    }

    /// <summary>Ends all spares, also those that are just starting. If spares are needed later, <see cref="Fill"/> starts others.</summary>
    public void Clear()
    {
        List<Spare> spares;
        lock (_gate)
        {
            spares = [.. _spares];
            _spares.Clear();
        }

        foreach (var spare in spares) spare.Start.Abandon();
    }

    private async Task RunAsync(Spare spare)
    {
        try
        {
            var process = await spare.Start.Process;
            lock (_gate) spare.Process = process;
            LogStarted(context.Logger, localIndex, process.Id);
            await process.Exited;
        }
        catch (OperationCanceledException)
        {
            // The pool was cleared during the start of the spare.
        }
        catch (Exception error)
        {
            // The trainer itself runs. Without a spare, the next failure costs a second more, and nothing before that.
            LogNotStarted(context.Logger, localIndex, error.Message);
        }

        lock (_gate)
        {
            if (spare.IsTaken) return;
            // If the pool was cleared, this silo has ended the spare, and the program is not at fault.
            if (_spares.Remove(spare) && !spare.HasSpoken) _silentEnds++;
            spare.Process?.Dispose();
        }

        changed();
    }

    /// <summary>One spare. Guarded by the gate.</summary>
    private sealed class Spare(int number, TrainerStart start)
    {
        private TrainerConnection? _connection;

        public int Number => number;

        public TrainerStart Start => start;

        /// <summary>Null until the process is started.</summary>
        public TrainerProcess? Process { get; set; }

        public TrainerConnection? Connection
        {
            get => _connection;
            set
            {
                _connection = value;
                HasSpoken = true;
            }
        }

        public bool HasSpoken { get; private set; }

        public bool IsWarm { get; set; }

        public bool IsTaken { get; set; }
    }

    [LoggerMessage(EventIds.SpareStarted, LogLevel.Information, "Started a spare of trainer {LocalIndex} as process {ProcessId}")]
    private static partial void LogStarted(ILogger logger, int localIndex, int processId);

    [LoggerMessage(EventIds.SpareTaken, LogLevel.Information, "Spare process {ProcessId} takes the place of trainer {LocalIndex}; warm: {IsWarm}")]
    private static partial void LogTaken(ILogger logger, int localIndex, int processId, bool isWarm);

    [LoggerMessage(EventIds.SpareRefused, LogLevel.Warning, "No spare of trainer {LocalIndex}: {Reason}")]
    private static partial void LogRefused(ILogger logger, int localIndex, string reason);

    [LoggerMessage(EventIds.NotStarted, LogLevel.Warning, "A spare of trainer {LocalIndex} was not started: {Error}")]
    private static partial void LogNotStarted(ILogger logger, int localIndex, string error);
}
