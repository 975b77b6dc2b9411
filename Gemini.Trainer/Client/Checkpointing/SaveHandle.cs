namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>The result of one save. You need not await it. Its tasks never fault; every result is a <see cref="SaveOutcome"/>.</summary>
public sealed class SaveHandle
{
    private readonly TaskCompletionSource<SaveOutcome> _captured = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<SaveOutcome> _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Lazy<TaskCompletionSource<SaveOutcome>> _persisted;

    internal SaveHandle(long iteration, PersistWaits persistWaits)
    {
        Iteration = iteration;
        _persisted = new Lazy<TaskCompletionSource<SaveOutcome>>(() => persistWaits.Of(iteration));
    }

    /// <summary>The iteration that was saved.</summary>
    public long Iteration { get; }

    /// <summary>Whether no snapshot is taken of this iteration because no slot became free in time.</summary>
    public bool Skipped => Captured is { IsCompletedSuccessfully: true, Result: SaveOutcome.Skipped };

    /// <summary>Completes when the shard is sealed in own host memory: it survives the loss of the trainer.</summary>
    public Task<SaveOutcome> Captured => _captured.Task;

    /// <summary>Completes when every shard of this iteration, or of a later one, has its m replicas: it survives the loss of m-1 hosts.</summary>
    public Task<SaveOutcome> Committed => _committed.Task;

    /// <summary>
    /// Completes when a snapshot of this iteration, or of a later one of the same epoch, is complete in persistent storage: it survives the loss of
    /// all hosts. Depending on the job's storage policy, that may take hours. In a job without storage it is <see cref="SaveOutcome.NotConfigured"/>
    /// at once. If a failure ends the epoch first, it is <see cref="SaveOutcome.EpochEnded"/>.
    /// </summary>
    public Task<SaveOutcome> Persisted => Captured is { IsCompletedSuccessfully: true, Result: not SaveOutcome.Completed }
        || Committed is { IsCompletedSuccessfully: true, Result: not SaveOutcome.Completed }
            ? EndOf(_persisted.Value)
            : _persisted.Value.Task;

    /// <summary>The handle of a save in a job that takes no checkpoints.</summary>
    internal static SaveHandle NotConfigured(long iteration)
    {
        var handle = new SaveHandle(iteration, new PersistWaits(isConfigured: false));
        handle.End(SaveOutcome.NotConfigured);
        return handle;
    }

    /// <summary>When its capture began: a time stamp of the session's clock.</summary>
    internal long BegunAt { get; set; }

    internal void SetCaptured() => _captured.TrySetResult(SaveOutcome.Completed);

    internal void SetCommitted() => _committed.TrySetResult(SaveOutcome.Completed);

    /// <summary>Ends every stage that is not done.</summary>
    internal void End(SaveOutcome outcome)
    {
        _captured.TrySetResult(outcome);
        _committed.TrySetResult(outcome);
        if (_persisted.IsValueCreated) EndOf(_persisted.Value);
    }

    /// <summary>A save that is not captured or not committed is not persisted either, and gets the same outcome.</summary>
    private Task<SaveOutcome> EndOf(TaskCompletionSource<SaveOutcome> persisted)
    {
        persisted.TrySetResult(Captured.Result == SaveOutcome.Completed ? Committed.Result : Captured.Result);
        return persisted.Task;
    }
}
