using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Trainer.Client.Checkpointing;

/// <content>How a trainer gets its state at the start and after every failure.</content>
public sealed partial class GeminiSession
{
    /// <summary>
    /// Waits for the root agent's decision and sets the state to the chosen snapshot. Copies directly from the mapped segment and checks every hash.
    /// Call it once at the start, and again after every <see cref="EpochEndedException"/> or lost peer.
    /// </summary>
    /// <param name="state">What to restore; the same object every time.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>
    /// The iteration whose state is now loaded. Null: there is no snapshot, so start from the beginning. The state is then the one of this process's
    /// first call, even if the process has trained since.
    /// </returns>
    /// <exception cref="InvalidDataException">
    /// The job's snapshots belong to another model or other options than this state, or a slot is not a segment of this rank and state.
    /// </exception>
    /// <exception cref="InvalidOperationException">A value is longer than its reserved room, or a tensor is no longer the one that was added.</exception>
    /// <exception cref="SessionEndedException">The trainer has to exit.</exception>
    public async Task<long?> RestoreAsync(TrainingState state, CancellationToken ct = default)
    {
        ThrowIfOver();
        var image = Adopt(state);
        await LeaveRunAsync();
        _hashes = null;
        _network.Interrupt();
        // If a save cannot store this state, throw now and not at the first save.
        image.Stage(0);
        await AskAsync(async agent =>
        {
            await agent.DeclareShardAsync(_membership!.Rank, image.Layout.PayloadBytes);
            return true;
        }, ct);
        while (true)
        {
            var point = await NextRestorePointAsync(ct);
            if (await TryEnterAsync(point, image, ct) is not { } run) continue;
            _network.BeginIteration();
            return run.Point.Snapshot?.Iteration.Value;
        }
    }

    private ShardImage Adopt(TrainingState state)
    {
        lock (_gate)
        {
            if (_state is not null && !ReferenceEquals(_state, state))
                throw new InvalidOperationException("A session restores and saves one training state.");
            _state = state;
            return _image ??= new ShardImage(state, Rank, WorldSize);
        }
    }

    /// <summary>Ends the previous epoch if no stop has ended it: after a lost peer, its captures must not read a state that is being restored.</summary>
    private async Task LeaveRunAsync()
    {
        Run? run;
        lock (_gate) run = _run;
        if (run is null) return;
        await EndRunAsync(run);
        run.Dispose();
    }

    private async Task<RestorePoint> NextRestorePointAsync(CancellationToken ct)
    {
        while (true)
        {
            Epoch after;
            lock (_gate) after = new Epoch(Math.Max(_asked.Value, _epochFloor.Value - 1));
            var point = await AskAsync(agent => agent.GetRestorePointAsync(_membership!.Rank, after), ct);
            lock (_gate)
            {
                if (point is null || point.Epoch <= _asked || point.Epoch < _epochFloor) continue;
                _asked = point.Epoch;
                return point;
            }
        }
    }

    /// <summary>Loads the snapshot of the restore point and enters its epoch. Null if the copy was refused or the epoch has ended meanwhile.</summary>
    private async Task<Run?> TryEnterAsync(RestorePoint point, ShardImage image, CancellationToken ct)
    {
        _lock.EnsureFile();
        var slots = ShardLoader.OpenSlots(point, Job.Name, _membership!.Rank, image.Layout.PayloadBytes);
        Run? run = null;
        try
        {
            if (await FillAsync(point, slots, image, ct)) run = Enter(NewRun(point, slots, image));
        }
        finally
        {
            if (run is null)
                foreach (var slot in slots)
                    slot.Dispose();
        }

        if (run is not null) await ReportLoadedAsync(run, ct);
        return run;
    }

    /// <summary>
    /// Sets the state to the restore point. False: the copy cannot be used. Then the host has been told, unless the epoch has ended meanwhile.
    /// </summary>
    private async Task<bool> FillAsync(RestorePoint point, MappedSegment[] slots, ShardImage image, CancellationToken ct)
    {
        if (point.Snapshot is not { } snapshot)
        {
            BeginFromTheBeginning(image);
            return true;
        }

        _hasChanged = true;
        var segment = slots[point.LoadSlot];
        if (ShardLoader.Load(segment, Job.Name, _membership!.Rank, snapshot, point.Hash!.Value, image) is not { } reason) return true;
        if (!IsOver(point.Epoch)) await RejectAsync(point.Epoch, snapshot, $"{segment.Path}: {reason}.", ct);
        return false;
    }

    /// <summary>
    /// Sets the state to the one before the first iteration. If the state has not changed yet, keeps a copy of it; later, restores it from that copy.
    /// Without a copy the session ends.
    /// </summary>
    private void BeginFromTheBeginning(ShardImage image)
    {
        InitialState? initial;
        lock (_gate) (initial, _initial) = (_initial, null);
        if (initial is not null) initial.Restore();
        else if (!_hasChanged) initial = new InitialState(image);
        else EndSession("The job starts from the beginning, but this process no longer has its initial state");
        ThrowIfOver();
        lock (_gate) _initial = initial;
        _hasChanged = true;
    }

    private void ForgetInitialState()
    {
        InitialState? initial;
        lock (_gate) (initial, _initial) = (_initial, null);
        initial?.Dispose();
    }

    /// <summary>Null if the epoch has ended meanwhile.</summary>
    private Run? Enter(Run run)
    {
        lock (_gate)
        {
            if (IsOver(run.Point.Epoch)) return null;
            _run = run;
            _iteration = run.Point.Snapshot?.Iteration.Value ?? 0;
            run.Saves.Prepare();
            return run;
        }
    }

    /// <summary>
    /// Whether the silo has meanwhile announced a later epoch. Then the silo may already write to the slots, so a failed check says nothing about the
    /// copy.
    /// </summary>
    private bool IsOver(Epoch epoch)
    {
        lock (_gate) return epoch < _epochFloor;
    }

    private Run NewRun(RestorePoint point, MappedSegment[] slots, ShardImage image)
    {
        var table = new SlotTable(slots.Length, point.LoadSlot, point.Snapshot?.Iteration ?? default);
        var baselines = new BaselineTurn(Job.BaselineInterval, point.Snapshot?.Iteration.Value ?? 0);
        var saves = new EpochSaves(point.Epoch, slots, table, image, _captures, this, _options, new PersistWaits(Job.Storage is not null), baselines,
            new SlotPatience(_options.SlotWait, Job.Checkpoints().ExpectedSkips, () => _connection.Current is not null), _deadlines);
        return new Run(point, slots, new CancellationTokenSource()) { Saves = saves };
    }

    private async Task RejectAsync(Epoch epoch, SnapshotId snapshot, string reason, CancellationToken ct)
    {
        _options.Log($"Refused the copy of snapshot {snapshot}. {reason}");
        var another = await AskAsync(
            agent => agent.RejectCopyAsync(_membership!.Rank, epoch, snapshot, reason), ct);
        if (!another) throw new InvalidDataException($"Snapshot {snapshot} cannot be loaded. Its host keeps the copy. {reason}");
    }

    /// <summary>
    /// Tells the silo that this rank trains from now on. Waits at most one second and then continues: a silo that returns later learns it from the
    /// hello.
    /// </summary>
    private async Task ReportLoadedAsync(Run run, CancellationToken ct)
    {
        var told = _calls.TellAsync(agent => agent.LoadedAsync(_membership!.Rank, run.Point.Epoch), run.Ended.Token);
        _ = told.ContinueWith(task => _ = task.Exception, TaskScheduler.Default);
        await Task.WhenAny(told, Task.Delay(TimeSpan.FromSeconds(1), _options.TimeProvider, ct));
        ct.ThrowIfCancellationRequested();
    }
}
