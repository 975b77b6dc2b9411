using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Trainers;

/// <summary>
/// The spare processes of one trainer: started once the trainer trains, warm a moment later, and idle until one of them takes the
/// place of a trainer that died.
/// </summary>
/// <remarks>
/// A spare holds no lock, no rank and no memory of the job, and its life hangs on its connection: it exits when that ends, so the death
/// of a silo leaves no spare behind and the next silo starts its own. Becoming the trainer is a start like any other
/// (<see cref="SupervisedTrainer"/>): only when the one before is gone, and the lock decides. A spare that dies is replaced after the
/// trainer's next step; a program whose spares never say a word is left alone after a few of them.
/// </remarks>
internal sealed partial class SparePool(int localIndex, TrainerHost host, Action changed)
{
    /// <summary>Spares that ended without a first line: the program does not know of spares, or they cannot live here.</summary>
    private const int SilentEndLimit = 2;

    private readonly Lock _gate = new();
    private readonly List<Spare> _spares = [];
    private int _started;
    private int _silentEnds;
    private bool _closed;
    private string _lastRefusal = "";

    /// <summary>How many would be able to train at once.</summary>
    public int WarmCount
    {
        get { lock (_gate) return _spares.Count(spare => spare.IsWarm); }
    }

    /// <summary>Starts what is missing, in the background. Cheap when nothing is.</summary>
    public void Fill()
    {
        lock (_gate)
        {
            if (_closed || _silentEnds >= SilentEndLimit || _spares.Count >= host.Options.Spares) return;
            var (start, reason) = SparePolicy.Evaluate(MachineMemory.AvailableBytes(), host.Options.SpareHeadroomBytes);
            if (start) _spares.Add(new Spare(++_started, new TrainerStart(host, localIndex, _started)));
            else if (reason != _lastRefusal) LogRefused(host.Logger, localIndex, reason);
            _lastRefusal = start ? "" : reason;
            if (!start) return;
            var spare = _spares[^1];
            _ = Task.Run(() => RunAsync(spare));
        }
    }

    /// <summary>Sends a spare into the place of the trainer, whose lock must be free. Null when none is there.</summary>
    /// <returns>The process, now the caller's. It says hello, or exits.</returns>
    public TrainerProcess? Take()
    {
        lock (_gate)
        {
            var spare = _spares.Where(spare => spare.Connection is not null).OrderByDescending(spare => spare.IsWarm).FirstOrDefault();
            if (spare is not { Process: { Exited.IsCompleted: false } process }) return null;
            _spares.Remove(spare);
            spare.IsTaken = true;
            spare.Connection!.Send(new SiloTakeOver());
            LogTaken(host.Logger, localIndex, process.Id, spare.IsWarm);
            return process;
        }
    }

    /// <summary>Runs a spare's connection to its end.</summary>
    public async Task ServeAsync(TrainerSpare hello, TrainerConnection connection, CancellationToken cancellation)
    {
        Spare? spare;
        lock (_gate)
        {
            spare = _spares.Find(known => known.Number == hello.Number);
            if (spare is not null) spare.Connection = connection;
        }

        // Of an earlier silo, or one too many: the end of its connection sends it away.
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
            // The silo stops, and the spare with it.
        }
        finally
        {
            lock (_gate) (spare.Connection, spare.IsWarm) = (null, false);
        }
    }

    /// <summary>Ends all spares and starts no more. Idempotent.</summary>
    public void Close()
    {
        List<Spare> spares;
        lock (_gate)
        {
            _closed = true;
            spares = [.. _spares];
        }

        foreach (var spare in spares) spare.Start.Abandon();
    }

    /// <summary>Ends all spares. Those that are needed later are started by <see cref="Fill"/>.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            foreach (var spare in _spares) spare.Process?.Kill();
        }
    }

    private async Task RunAsync(Spare spare)
    {
        try
        {
            var process = await spare.Start.Process;
            lock (_gate) spare.Process = process;
            LogStarted(host.Logger, localIndex, process.Id);
            await process.Exited;
        }
        catch (OperationCanceledException)
        {
            // The pool was closed while the spare was started.
        }
        catch (Exception error)
        {
            // The trainer itself is there; that it has no spare costs a second at the next failure and nothing before.
            LogNotStarted(host.Logger, localIndex, error.Message);
        }

        lock (_gate)
        {
            if (spare.IsTaken) return;
            _spares.Remove(spare);
            if (!spare.HasSpoken) _silentEnds++;
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

        /// <summary>Null until it is started.</summary>
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

    [LoggerMessage(3040, LogLevel.Information, "Started a spare of trainer {LocalIndex} as process {ProcessId}")]
    private static partial void LogStarted(ILogger logger, int localIndex, int processId);

    [LoggerMessage(3041, LogLevel.Information, "Spare process {ProcessId} takes the place of trainer {LocalIndex}; warm: {IsWarm}")]
    private static partial void LogTaken(ILogger logger, int localIndex, int processId, bool isWarm);

    [LoggerMessage(3042, LogLevel.Warning, "No spare of trainer {LocalIndex}: {Reason}")]
    private static partial void LogRefused(ILogger logger, int localIndex, string reason);

    [LoggerMessage(3043, LogLevel.Warning, "A spare of trainer {LocalIndex} was not started: {Error}")]
    private static partial void LogNotStarted(ILogger logger, int localIndex, string error);
}
