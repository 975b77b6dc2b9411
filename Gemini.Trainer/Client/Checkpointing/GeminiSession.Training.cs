using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Checkpointing;

/// <content>What the training loop calls in every iteration.</content>
public sealed partial class GeminiSession : ISaveEvents
{
    /// <summary>Exit code of a process whose training loop did not leave after the session ended.</summary>
    public const int ExitCodeOfLostSession = 3;

    /// <summary>
    /// Saves the state after an iteration. Returns at once: a thread copies the state while the next iteration computes, up to
    /// <see cref="WaitForCaptureAsync"/>. In some modes for comparison it returns later or saves nothing (<see cref="CheckpointMode"/>).
    /// </summary>
    /// <param name="iteration">The finished iteration, counted from 1.</param>
    /// <param name="state">The state that was handed to <see cref="RestoreAsync"/>.</param>
    /// <returns>Reports the result of the save; may be ignored. A failed save never fails the training.</returns>
    /// <exception cref="EpochEndedException">The epoch is over.</exception>
    /// <exception cref="InvalidOperationException">
    /// The state is not the restored one, the capture wait was left out, or a tensor of the state is no longer the one that was added: it was
    /// disposed, moved, resized or converted. The message names the tensor.
    /// </exception>
    public SaveHandle Save(long iteration, TrainingState state)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(iteration);
        if (!ReferenceEquals(state, _state)) throw new InvalidOperationException("Call RestoreAsync first, with the same training state.");
        var run = Current();
        var handle = Job.Checkpoints().Captures ? run.Saves.Save(new Iteration(iteration)) : SaveHandle.NotConfigured(iteration);
        _network.BeginIteration();
        if (_options.Check) _hashes = _image!.HashTensors();
        Wait(run, handle);
        return handle;
    }

    /// <summary>In some modes for comparison, training waits for the save.</summary>
    private void Wait(Run run, SaveHandle handle)
    {
        var wait = Job.Checkpoints().SaveWait;
        if (wait == SaveWait.Nothing) return;
        try
        {
            if (wait == SaveWait.Committed) WaitForCommit(handle, run.Ended.Token);
            else WaitForStaging(new SnapshotId(new Iteration(handle.Iteration), run.Point.Epoch), handle, run.Ended.Token);
        }
        catch (OperationCanceledException)
        {
            Current();
            throw;
        }
    }

    private void WaitForCommit(SaveHandle handle, CancellationToken ended)
    {
        try
        {
            _ = handle.Committed.WaitAsync(CommitLimit, _options.TimeProvider, ended).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            // A checkpoint never stops training.
        }
    }

    /// <summary>Waits until the host has copied the state for storage.</summary>
    private void WaitForStaging(SnapshotId snapshot, SaveHandle handle, CancellationToken ended)
    {
        if (handle.Captured.WaitAsync(ended).GetAwaiter().GetResult() != SaveOutcome.Completed) return;
        while (!AskAsync(agent => agent.StagedAsync(snapshot), ended).GetAwaiter().GetResult()) ended.ThrowIfCancellationRequested();
    }

    /// <summary>
    /// The capture wait before the optimizer step: completes when the newest save has been copied, normally at once. The wait is bounded
    /// (<see cref="GeminiOptions.SlotWait"/>, <see cref="GeminiOptions.CaptureWait"/>). After that time the save is dropped and there is no snapshot
    /// of its iteration.
    /// </summary>
    /// <exception cref="EpochEndedException">The epoch is over.</exception>
    /// <exception cref="InvalidOperationException">
    /// With <see cref="GeminiOptions.Check"/>: a tensor that captures read in place has changed since <see cref="Save"/>. The message names it.
    /// </exception>
    public async ValueTask WaitForCaptureAsync(CancellationToken ct = default)
    {
        await Current().Saves.WaitAsync(ct);
        ThrowIfChanged();
    }

    /// <summary>The check mode: throws if a tensor that the newest save reads has changed since Save was called.</summary>
    private void ThrowIfChanged()
    {
        if (_hashes is not { } hashes) return;
        _hashes = null;
        var changed = string.Join(", ", _image!.ChangedSince(hashes));
        if (changed.Length > 0)
            throw new InvalidOperationException(
                $"Changed between Save and WaitForCaptureAsync, while it was copied: {changed}. Add what forward passes change with AddStaged or " +
                "AddBuffer, or use Track; change everything else only between WaitForCaptureAsync and Save.");
    }

    /// <summary>Reports that an iteration is finished, its optimizer step included.</summary>
    /// <param name="iteration">The iteration.</param>
    /// <param name="loss">Mean training loss over all ranks.</param>
    /// <param name="elapsed">How long it took.</param>
    /// <param name="waited">How much of that time the rank waited for other ranks; null: unknown. The root agent needs it to find slow hosts.</param>
    /// <exception cref="EpochEndedException">The epoch is over.</exception>
    public void ReportStep(long iteration, double loss, TimeSpan elapsed, TimeSpan? waited = null)
    {
        var run = Current();
        lock (_gate) _iteration = iteration;
        _connection.Send(new TrainerStep(run.Point.Epoch.Value, iteration, loss, elapsed.TotalMilliseconds, (elapsed - (waited ?? elapsed)).TotalMilliseconds));
    }

    /// <summary>
    /// Announces a pause between two iterations, such as an evaluation, so that it is not mistaken for a hang. Dispose the result at the end of the
    /// pause. It is enough if one rank announces it, because the others wait for that rank.
    /// </summary>
    /// <param name="reason">What the loop does in the pause, for people: "evaluation".</param>
    /// <param name="limit">The longest that the pause may take. A longer pause counts as a hang. Above 0, at most one day.</param>
    /// <exception cref="EpochEndedException">The epoch is over.</exception>
    /// <exception cref="InvalidOperationException">A pause is announced already.</exception>
    public IDisposable Busy(string reason, TimeSpan limit)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, TimeSpan.FromDays(1));
        var run = Current();
        lock (_gate)
        {
            if (_pause is { } other) throw new InvalidOperationException($"The loop is busy with {other.Reason} already; end that pause first.");
            _pause = new TrainerBusy(run.Point.Epoch.Value, ++_pauseNumber, reason, (long)Math.Ceiling(limit.TotalMilliseconds));
            _connection.Send(_pause);
            return new Pause(this, _pause);
        }
    }

    /// <summary>
    /// Tells the host that this process uses the training network until the result is disposed: <c>using (session.NetworkBusy()) { ... }</c>. For
    /// collectives of your own; <see cref="SessionRing.ConnectRingAsync"/> does it by itself. Two stores into shared memory, no call and no message.
    /// Several uses may overlap, on any threads. End a use when its bytes have left, and not when they are handed to the kernel.
    /// </summary>
    public NetworkBusyScope NetworkBusy() => new(_network);

    private void EndPause(TrainerBusy pause)
    {
        lock (_gate)
        {
            if (_pause != pause) return;
            _pause = null;
            _connection.Send(new TrainerBusy(pause.Epoch, ++_pauseNumber, "", 0));
        }
    }

    private sealed class Pause(GeminiSession session, TrainerBusy announced) : IDisposable
    {
        public void Dispose() => session.EndPause(announced);
    }

    /// <summary>Reports that the connection to a peer broke. The loop then calls <see cref="RestoreAsync"/>, which waits for the next epoch.</summary>
    public void ReportLostPeer(int rank)
    {
        TrainerLostPeer lost;
        lock (_gate)
        {
            if (_run is not { Saves.HasEnded: false } run) return;
            run.LostPeer = lost = new TrainerLostPeer(run.Point.Epoch.Value, rank);
        }

        _connection.Send(lost);
    }

    /// <summary>
    /// Waits until the last save is committed and reports that training is finished. The process may exit afterwards. If the save is not committed
    /// within <see cref="GeminiOptions.CompletionWait"/>, this logs a line and completes: a checkpoint never fails the training, not even the last
    /// one. Call it right after the last <see cref="Save"/>, without a capture wait in between, so that the last save is not skipped.
    /// </summary>
    /// <exception cref="EpochEndedException">The epoch ended before the commit: restore and train on.</exception>
    public async Task CompleteAsync(CancellationToken ct = default)
    {
        var run = Current();
        run.Saves.BeginLast();
        if (run.Saves.Last is { } last) await AwaitCommitAsync(last, ct);
        ThrowIfChanged();
        Current();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, run.Ended.Token, _over.Token);
        try
        {
            while (!await _connection.SendAsync(new TrainerFinished(run.Point.Epoch.Value, _iteration), both.Token))
                await Task.Delay(_options.ReconnectInterval, _options.TimeProvider, both.Token);
            lock (_gate) _completed = true;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            Current();
            throw;
        }
    }

    /// <summary>How long a commit of this state may take.</summary>
    private TimeSpan CommitLimit => _deadlines.OfCommit(_image!.Layout.PayloadBytes);

    private async Task AwaitCommitAsync(SaveHandle last, CancellationToken ct)
    {
        var limit = CommitLimit;
        try
        {
            var outcome = await last.Committed.WaitAsync(limit, _options.TimeProvider, ct);
            if (outcome is not (SaveOutcome.Completed or SaveOutcome.EpochEnded))
                _options.Log($"The last save, of iteration {last.Iteration}, was not committed: {outcome}.");
        }
        catch (TimeoutException)
        {
            _options.Log($"The last save, of iteration {last.Iteration}, was not committed within {limit.TotalSeconds:0.#} s.");
        }
    }

    void ISaveEvents.CaptureBegun(SnapshotId snapshot) =>
        _connection.Send(new TrainerCapturing(snapshot.Epoch.Value, snapshot.Iteration.Value));

    void ISaveEvents.CaptureSealed(SnapshotId snapshot, ContentHash hash) => _notices.Sealed(_membership!.Rank, snapshot, hash, TokenOf(snapshot));

    void ISaveEvents.SaveSkipped(SnapshotId snapshot) => _notices.Skipped(_membership!.Rank, snapshot, TokenOf(snapshot));

    void ISaveEvents.ProblemChanged() => SaySaves();

    void ISaveEvents.HealthChanged(string message) => _options.Log(message);

    private CancellationToken TokenOf(SnapshotId snapshot)
    {
        lock (_gate) return _run is { } run && run.Point.Epoch == snapshot.Epoch ? run.Ended.Token : new CancellationToken(canceled: true);
    }

    /// <summary>The running epoch. Throws if the epoch or the session is over.</summary>
    private Run Current()
    {
        lock (_gate)
        {
            ThrowIfOver();
            var run = _run ?? throw new InvalidOperationException("Call RestoreAsync first.");
            if (run.Saves.HasEnded) throw new EpochEndedException(run.Point.Epoch.Value);
            return run;
        }
    }
}
