using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>The saves of one epoch: the one that is being captured, the one that waits for a slot, and those that wait for their commit.</summary>
/// <remarks>
/// <para>
/// Save(i) takes a free slot, and the capture thread begins at once. If no slot is free, the save is parked; it begins when a commit or an
/// abandonment frees a slot. The capture wait, right before the optimizer step, waits until the save is captured. For a parked save it waits as long as
/// <see cref="SlotPatience"/> says, then the save is skipped.
/// </para>
/// <para>
/// A save that is left out as a baseline (<see cref="BaselineTurn"/>) is parked too, and then skipped without a wait. If it is the last one before the
/// end of training, <see cref="BeginLast"/> captures it after all.
/// </para>
/// <para>
/// Invariant: at most one save is unresolved (parked or being captured) at any time, because of the capture wait between two saves. Another thread
/// may call <see cref="End"/> at any moment: a parked save is dropped, a running capture is cancelled, and every later call throws
/// <see cref="EpochEndedException"/>.
/// </para>
/// </remarks>
internal sealed class EpochSaves(
    Epoch epoch, MappedSegment[] slots, SlotTable table, ShardImage image, CaptureThread thread, ISaveEvents events, GeminiOptions options,
    PersistWaits persistWaits, BaselineTurn baselines, SlotPatience patience, SaveDeadlines deadlines)
{
    private readonly Lock _gate = new();
    private readonly List<SaveHandle> _uncommitted = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SaveHandle? _parked;
    private bool _isBaseline;
    private TaskCompletionSource _unparked = new();
    private Task _capture = Task.CompletedTask;
    private Task _preparation = Task.CompletedTask;
    private SaveHandle? _last;
    private bool _waited = true;
    private string _problem = "";
    private bool _mayHaveMissed;
    private volatile bool _captureGivenUp;
    private TimeSpan _captureLimit;

    public Epoch Epoch { get; } = epoch;

    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>The newest save, null before the first.</summary>
    public SaveHandle? Last
    {
        get { lock (_gate) return _last; }
    }

    /// <summary>The newest iteration that is known to be committed.</summary>
    public Iteration Committed
    {
        get { lock (_gate) return table.Committed; }
    }

    /// <summary>How many iterations of this epoch got no snapshot.</summary>
    public long SkippedCount { get; private set; }

    /// <summary>Why the newest save produced no snapshot; empty if it worked.</summary>
    public string Problem
    {
        get { lock (_gate) return _problem; }
    }

    /// <summary>Begins to prepare the slots for the first captures. Returns at once.</summary>
    public void Prepare()
    {
        lock (_gate)
        {
            if (!HasEnded) _preparation = Task.WhenAll(slots.Select(slot => thread.PrepareAsync(slot, () => HasEnded)));
        }
    }

    /// <summary>Begins a save, or parks it. Returns at once.</summary>
    /// <exception cref="EpochEndedException">The epoch is over.</exception>
    /// <exception cref="InvalidOperationException">The capture wait was left out, or a tensor is no longer the one that was added.</exception>
    public SaveHandle Save(Iteration iteration)
    {
        var handle = new SaveHandle(iteration.Value, persistWaits);
        Action? afterwards;
        lock (_gate)
        {
            ThrowIfEnded();
            if (!_waited || _parked is not null || !_capture.IsCompleted)
                throw new InvalidOperationException(
                    $"WaitForCaptureAsync was not awaited between the last Save and Save({iteration}). Await it right before each optimizer step.");
            image.Locate();
            _waited = false;
            _last = handle;
            _uncommitted.Add(handle);
            afterwards = Stage(handle);
            _isBaseline = baselines.Takes(iteration.Value, table.HasFreeSlot);
            if (afterwards is null && _isBaseline) Park(handle);
            else if (afterwards is null) BeginOrPark(handle);
        }

        afterwards?.Invoke();
        return handle;
    }

    /// <summary>Training ends with the newest save, so it is captured even if it was left out as a baseline. Called before the next capture wait.</summary>
    public void BeginLast()
    {
        lock (_gate)
        {
            if (!_isBaseline || _parked is not { } handle || HasEnded) return;
            _isBaseline = false;
            BeginOrPark(handle);
        }
    }

    /// <summary>The capture wait: completes when the state may change.</summary>
    /// <exception cref="EpochEndedException">The epoch is over.</exception>
    public async ValueTask WaitAsync(CancellationToken ct)
    {
        Task? unparked = null;
        Task capture;
        var (slotWait, isExpected) = (TimeSpan.Zero, true);
        lock (_gate)
        {
            ThrowIfEnded();
            _waited = true;
            if (_parked is null && _capture.IsCompleted) return;
            if (_parked is not null) unparked = _unparked.Task;
            capture = _capture;
            if (!_isBaseline) (slotWait, isExpected) = patience.Ask();
        }

        if (unparked is not null)
        {
            if (!await CompletesAsync(unparked, slotWait, ct)) SkipParked(isExpected);
            lock (_gate) capture = _capture;
        }

        _captureLimit = deadlines.OfCapture(image.Layout.PayloadBytes);
        if (!await CompletesAsync(capture, _captureLimit, ct))
        {
            _captureGivenUp = true;
            await capture;
        }

        lock (_gate) ThrowIfEnded();
    }

    /// <summary>Every shard of this iteration has its replicas.</summary>
    public void Commit(Iteration iteration) => Update(iteration, SaveOutcome.Completed, () =>
    {
        table.Commit(iteration);
        return _uncommitted.FindAll(handle => handle.Iteration <= iteration.Value && handle.Captured.IsCompletedSuccessfully);
    });

    /// <summary>This iteration will never be committed.</summary>
    public void Abandon(Iteration iteration) => Update(iteration, SaveOutcome.Abandoned, () =>
    {
        table.Abandon(iteration);
        return _uncommitted.FindAll(handle => handle.Iteration == iteration.Value && handle != _parked);
    });

    /// <summary>A snapshot of this iteration is complete in persistent storage.</summary>
    public void Persist(Iteration iteration) => persistWaits.Persist(iteration.Value);

    /// <summary>The trainer was without a silo. Meanwhile the commit or abandonment of the pending snapshot may have been announced.</summary>
    public void SiloReturned()
    {
        lock (_gate) _mayHaveMissed = true;
    }

    /// <summary>
    /// Ends the epoch and cancels a running capture: nobody needs its snapshot, and the recovery waits for the end of the capture. The task completes
    /// when nothing uses the slots, at the latest after the current chunk. It never faults.
    /// </summary>
    public Task End()
    {
        List<SaveHandle> open;
        lock (_gate)
        {
            _ended.TrySetResult();
            _parked = null;
            open = [.. _uncommitted];
            _uncommitted.Clear();
        }

        persistWaits.End();

        // A capture that is past its last chunk still seals. Its handle then gets this result first.
        return Task.WhenAll(_preparation, _capture).ContinueWith(_ => open.ForEach(handle => handle.End(SaveOutcome.EpochEnded)), TaskScheduler.Default);
    }

    private void Update(Iteration iteration, SaveOutcome outcome, Func<List<SaveHandle>> apply)
    {
        List<SaveHandle> resolved;
        lock (_gate)
        {
            resolved = apply();
            _uncommitted.RemoveAll(resolved.Contains);
            if (table.HasFreeSlot)
            {
                patience.Renew();
                _mayHaveMissed = false;
                if (_parked is { } parked && !_isBaseline && !_ended.Task.IsCompleted) BeginOrPark(parked);
            }
        }

        foreach (var handle in resolved)
        {
            if (outcome != SaveOutcome.Completed)
            {
                handle.End(outcome);
                continue;
            }

            deadlines.Committed(image.Layout.PayloadBytes, handle.BegunAt);
            handle.SetCommitted();
        }
    }

    /// <summary>Fills the header and copies the staged tensors. If that fails, only the save fails, never the training: returns what to do then.</summary>
    private Action? Stage(SaveHandle handle)
    {
        try
        {
            image.Stage(handle.Iteration);
            return null;
        }
        catch (Exception error)
        {
            return GiveUp(handle, SaveOutcome.Failed, $"its state could not be read: {error.Message}");
        }
    }

    private void BeginOrPark(SaveHandle handle)
    {
        var iteration = new Iteration(handle.Iteration);
        var slot = table.Begin(iteration);
        if (slot < 0)
        {
            Park(handle);
            return;
        }

        var snapshot = new SnapshotId(iteration, Epoch);
        handle.BegunAt = options.TimeProvider.GetTimestamp();
        _captureGivenUp = false;
        _capture = FinishAsync(handle, snapshot, slot, thread.CaptureAsync(
            slots[slot], snapshot, image, () => _captureGivenUp || HasEnded, () => events.CaptureBegun(snapshot)));
        if (_parked == handle)
        {
            _parked = null;
            _unparked.TrySetResult();
        }
    }

    private void Park(SaveHandle handle)
    {
        _parked = handle;
        _unparked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private async Task FinishAsync(SaveHandle handle, SnapshotId snapshot, int slot, Task<ContentHash?> capture)
    {
        ContentHash? hash = null;
        string? problem = null;
        try
        {
            // Always continue on another stack: the caller holds the lock.
            hash = await capture.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }
        catch (Exception error)
        {
            problem = error.Message;
        }

        Action? afterwards = null;
        lock (_gate)
        {
            if (hash is null)
            {
                table.Discard(slot);
                // If the end of the epoch cancelled the capture, the save does not count as failed.
                if (!HasEnded) afterwards = GiveUp(handle, SaveOutcome.Failed, problem ?? $"it took longer than {_captureLimit.TotalSeconds:0.#} s");
            }
            else
            {
                table.Seal(slot);
                if (_problem.Length > 0) afterwards = () => SayHealthy(handle);
                _problem = "";
            }
        }

        if (hash is { } sealedHash)
        {
            deadlines.Captured(image.Layout.PayloadBytes, handle.BegunAt);
            handle.SetCaptured();
            events.CaptureSealed(snapshot, sealedHash);
        }

        afterwards?.Invoke();
    }

    private void SkipParked(bool isExpected)
    {
        Action? afterwards = null;
        lock (_gate)
        {
            if (_parked is not { } handle || _ended.Task.IsCompleted) return;
            _parked = null;
            if (!_isBaseline) patience.Skip(isExpected);
            afterwards = isExpected
                ? LeaveOut(handle, SaveOutcome.Skipped)
                : GiveUp(handle, SaveOutcome.Skipped, $"no slot became free within {options.SlotWait.TotalSeconds:0.#} s");
            if (_mayHaveMissed && table.Pending is { } pending) afterwards += () => events.SaveSkipped(new SnapshotId(pending, Epoch));
        }

        afterwards();
    }

    /// <summary>Counts a save that produced no snapshot. Called under the lock; returns what to do outside the lock.</summary>
    private Action GiveUp(SaveHandle handle, SaveOutcome outcome, string reason)
    {
        var leaveOut = LeaveOut(handle, outcome);
        var before = _problem;
        _problem = reason;
        return () =>
        {
            leaveOut();
            if (reason != before) events.ProblemChanged();
            if (before.Length == 0)
                events.HealthChanged($"No snapshot of iteration {handle.Iteration}: {reason}. Training continues; earlier snapshots stay.");
        };
    }

    /// <summary>There is no snapshot of this iteration. Called under the lock; returns what to do outside the lock.</summary>
    private Action LeaveOut(SaveHandle handle, SaveOutcome outcome)
    {
        SkippedCount++;
        _uncommitted.Remove(handle);
        return () =>
        {
            handle.End(outcome);
            events.SaveSkipped(new SnapshotId(new Iteration(handle.Iteration), Epoch));
        };
    }

    private void SayHealthy(SaveHandle handle)
    {
        events.ProblemChanged();
        events.HealthChanged($"Saves work again since iteration {handle.Iteration}.");
    }

    /// <summary>Whether the task completes within the limit. Throws at once if the epoch ends first.</summary>
    private async Task<bool> CompletesAsync(Task task, TimeSpan limit, CancellationToken ct)
    {
        var first = Task.WhenAny(task, _ended.Task);
        try
        {
            await first.WaitAsync(limit, options.TimeProvider, ct);
        }
        catch (TimeoutException)
        {
            return task.IsCompleted;
        }

        if (_ended.Task.IsCompleted) throw new EpochEndedException(Epoch.Value);
        return true;
    }

    private void ThrowIfEnded()
    {
        if (_ended.Task.IsCompleted) throw new EpochEndedException(Epoch.Value);
    }
}
