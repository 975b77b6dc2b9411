using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Trainers;

/// <content>What the trainer says, what it is told, and its report.</content>
internal sealed partial class SupervisedTrainer
{
    /// <summary>Runs one connection of this trainer, from after its hello to its end.</summary>
    public async Task ServeAsync(
        TrainerHello hello, TrainerConnection connection, IReadOnlyList<TrainerMessage> catchUp, CancellationToken cancellation)
    {
        if (!Attach(hello, connection, catchUp))
        {
            LogRefused(host.Logger, localIndex, hello.ProcessId);
            return;
        }

        var peerLeft = false;
        try
        {
            while (await connection.ReceiveAsync(cancellation) is { } message) Handle(message);
            peerLeft = true;
        }
        catch (InvalidDataException error)
        {
            LogBadLine(host.Logger, localIndex, error.Message);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The silo stops; the trainer goes on.
        }
        finally
        {
            Release(connection, peerLeft);
        }
    }

    /// <summary>Runs the connection of one of this trainer's spares, from after its first line to its end.</summary>
    public Task ServeAsync(TrainerSpare hello, TrainerConnection connection, CancellationToken cancellation) =>
        _spares.ServeAsync(hello, connection, cancellation);

    /// <summary>Sends a message if the trainer is connected.</summary>
    public void Send(TrainerMessage message)
    {
        lock (_gate) _connection?.Send(message);
    }

    /// <summary>
    /// Ends every epoch before the given one. Returns when no process of this trainer can write a snapshot of them: it has
    /// said so, or it is gone. One that does not answer within the limit is killed. One that cannot be killed writes nothing
    /// either: it runs no instruction of its own between the kill and its end.
    /// </summary>
    public async Task StopEpochAsync(Epoch epoch)
    {
        lock (_gate)
        {
            if (epoch > _fence) _fence = epoch;
            _connection?.Send(new SiloStop(epoch.Value));
        }

        _signal.Set();
        var limit = host.Options.StopLimit;
        var deadline = DeadlineIn(limit);
        for (var killed = false; ;)
        {
            var next = _signal.Next;
            lock (_gate)
            {
                if (!_alive || _stopped >= epoch || (!_adopted && !_saidHello)) return;
            }

            var left = host.Time.GetElapsedTime(host.Time.GetTimestamp(), deadline);
            if (left <= TimeSpan.Zero)
            {
                if (killed) return;
                killed = true;
                RequestKill($"it did not stop within {limit.TotalSeconds:0.#} s");
                deadline = DeadlineIn(host.Options.KillLimit);
                continue;
            }

            await Task.WhenAny(next, Task.Delay(left, host.Time));
        }
    }

    /// <summary>Every epoch before this one is over; a trainer that is in it, or will say so, is left alone.</summary>
    public void AdoptEpoch(Epoch epoch)
    {
        lock (_gate)
        {
            if (epoch > _fence) _fence = epoch;
            if (_report.Epoch < epoch) _connection?.Send(new SiloStop(epoch.Value));
        }
    }

    /// <summary>The trainer was told its rank.</summary>
    public void MarkJoined(Rank rank)
    {
        lock (_gate) _rank = rank;
    }

    /// <summary>Sends a trainer away that has another rank than its place on this host now means.</summary>
    public void RequireRank(Rank? rank)
    {
        lock (_gate)
        {
            if (_rank is null || _rank == rank) return;
            (_rank, _sentAway) = (null, true);
            _connection?.Send(new SiloExit("The host's position in the job has changed."));
        }
    }

    /// <summary>Changes the report; raises the change when it is one.</summary>
    public void Update(Func<TrainerReport, TrainerReport> change)
    {
        lock (_gate)
        {
            var before = _report;
            _report = change(before);
            if (_report == before) return;
        }

        _signal.Set();
        changed();
    }

    private bool Attach(TrainerHello hello, TrainerConnection connection, IReadOnlyList<TrainerMessage> catchUp)
    {
        lock (_gate)
        {
            if (_connection is not null)
            {
                if (hello.ProcessId != _report.ProcessId) return false;
                _connection.Close();
            }

            _connection = connection;
            (_saidHello, _ending) = (true, false);
            if (hello.Rank is { } rank) _rank = new Rank(rank);
            // One of an earlier silo, which had another configuration: what it trains is not this job.
            var isOther = hello.Program.Length > 0 && hello.Program != host.Program;
            if (isOther) (_rank, _sentAway) = (null, true);
            var trains = hello.Epoch > 0 && hello.Epoch >= _fence.Value && !isOther;
            _report = _report with
            {
                State = trains ? TrainerState.Training : TrainerState.Waiting,
                ProcessId = hello.ProcessId,
                Epoch = new Epoch(hello.Epoch),
                Iteration = new Iteration(hello.Iteration),
                RingEndpoint = hello.RingEndpoint,
                ShardBytes = hello.ShardBytes,
                Description = hello.Description,
                ParameterCount = hello.ParameterCount,
                TotalIterations = hello.TotalIterations,
                IsWarm = hello.Warm,
                Liveness = hello.Liveness,
                Fence = new Epoch(hello.Fence),
                SaveProblem = "",
                PauseReason = "",
                PauseLimitMilliseconds = 0,
            };
            if (hello.Epoch > 0) _entered = true;
            _settledAt = DeadlineIn(host.Options.Restart.SettleTime);
            WatchForDeathUnderLock(hello.ProcessId);
            if (_fence.Value > hello.Epoch) connection.Send(new SiloStop(_fence.Value));
            foreach (var message in catchUp) connection.Send(message);
            if (_shuttingDown) connection.Send(new SiloExit("The host stops."));
            else if (isOther) connection.Send(new SiloExit("It was started with another program or other arguments than the job's."));
            else if (RestsUnderLock) connection.Send(new SiloExit(JobIsFinished));
        }

        LogConnected(host.Logger, localIndex, hello.ProcessId, hello.Epoch, hello.Iteration);
        _signal.Set();
        changed();
        return true;
    }

    private void Release(TrainerConnection connection, bool peerLeft)
    {
        lock (_gate)
        {
            if (_connection != connection) return;
            _connection = null;
            if (peerLeft) _ending = true;
            else _helloDeadline = DeadlineIn(host.Options.AdoptionLimit);
        }

        if (peerLeft) ReportDeath();
        _signal.Set();
    }

    private void Handle(TrainerMessage message)
    {
        switch (message)
        {
            case TrainerCapturing capture when !IsOver(capture.Epoch):
                capturing(new SnapshotId(new Iteration(capture.Iteration), new Epoch(capture.Epoch)), capture.Slot);
                break;
            case TrainerStep step when !IsOver(step.Epoch):
                OnStep(step);
                break;
            case TrainerBusy busy when !IsOver(busy.Epoch):
                Update(report => report with
                {
                    PauseReason = busy.Reason,
                    PauseLimitMilliseconds = busy.LimitMilliseconds,
                    PauseNumber = busy.Number,
                });
                break;
            case TrainerLostPeer lost when !IsOver(lost.Epoch):
                Update(report => report with
                {
                    State = TrainerState.Interrupted,
                    LostPeer = new Rank(lost.PeerRank),
                    FailedAtUnixMilliseconds = Now,
                });
                break;
            case TrainerSaves saves when !IsOver(saves.Epoch):
                Update(report => report with { SaveProblem = saves.Problem });
                break;
            case TrainerWarm:
                Update(report => report with { IsWarm = true });
                break;
            case TrainerStopped stopped:
                OnStopped(new Epoch(stopped.Epoch));
                break;
            case TrainerFinished finished when !IsOver(finished.Epoch):
                lock (_gate) _finished = true;
                Update(report => report with { State = TrainerState.Finished, Iteration = new Iteration(finished.Iteration) });
                break;
        }
    }

    private void OnStep(TrainerStep step)
    {
        lock (_gate)
        {
            _stepped = true;
            OnHealthyUnderLock();
            RememberStepUnderLock(step.Milliseconds);
        }

        // Not before it trains: at a start and in a recovery the processors have better to do. Not for what little is left, either.
        if (Report.TotalIterations is var total && (total == 0 || step.Iteration < total)) _spares.Fill();
        Update(report => report.Epoch.Value != step.Epoch ? report : report with
        {
            Iteration = new Iteration(step.Iteration),
            Loss = step.Loss,
            IterationMilliseconds = step.Milliseconds,
            BusyMilliseconds = step.Busy,
        });
    }

    private void OnStopped(Epoch epoch)
    {
        lock (_gate)
        {
            if (epoch > _stopped) _stopped = epoch;
            ExpectReturnUnderLock();
        }

        Update(report => epoch > report.Fence ? report with { Fence = epoch } : report);
        Update(report => report.Epoch >= epoch || report.State is TrainerState.Exited or TrainerState.Finished
            ? report
            : report with { State = TrainerState.Waiting, LostPeer = null, SaveProblem = "", PauseReason = "", PauseLimitMilliseconds = 0 });
        _signal.Set();
    }

    private bool IsOver(long epoch)
    {
        lock (_gate) return epoch < _fence.Value;
    }

    /// <summary>The first sign of death counts; a finished trainer may leave.</summary>
    private void ReportDeath() => Update(report => report.State == TrainerState.Exited || _finished
        ? report
        : report with { State = TrainerState.Exited, FailedAtUnixMilliseconds = Now });

    private long Now => host.Time.GetUtcNow().ToUnixTimeMilliseconds();
}
