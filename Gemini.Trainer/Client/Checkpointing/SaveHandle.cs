namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// What becomes of one save. Nobody has to await it; the tasks never fault, whatever happens is a <see cref="SaveOutcome"/>.
/// </summary>
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

    /// <summary>Whether it is decided that no snapshot is taken of this iteration.</summary>
    public bool Skipped => Captured is { IsCompletedSuccessfully: true, Result: SaveOutcome.Skipped };

    /// <summary>The shard is sealed in own host memory: it survives the trainer.</summary>
    public Task<SaveOutcome> Captured => _captured.Task;

    /// <summary>Every shard of this iteration, or of a later one, has its m replicas: it survives m-1 hosts.</summary>
    public Task<SaveOutcome> Committed => _committed.Task;

    /// <summary>
    /// A snapshot of this iteration, or of a later one of the same epoch, is complete in persistent storage: it survives the
    /// job. That may take hours, by the job's storage policy. Answers <see cref="SaveOutcome.NotConfigured"/> at once in a job
    /// without storage, and <see cref="SaveOutcome.EpochEnded"/> when a failure anywhere came first.
    /// </summary>
    public Task<SaveOutcome> Persisted => Captured is { IsCompletedSuccessfully: true, Result: not SaveOutcome.Completed }
        || Committed is { IsCompletedSuccessfully: true, Result: not SaveOutcome.Completed }
            ? EndOf(_persisted.Value)
            : _persisted.Value.Task;

    internal void SetCaptured() => _captured.TrySetResult(SaveOutcome.Completed);

    internal void SetCommitted() => _committed.TrySetResult(SaveOutcome.Completed);

    /// <summary>Ends every stage that is not done.</summary>
    internal void End(SaveOutcome outcome)
    {
        _captured.TrySetResult(outcome);
        _committed.TrySetResult(outcome);
        if (_persisted.IsValueCreated) EndOf(_persisted.Value);
    }

    /// <summary>What is not captured or not committed is not persisted either, for the same reason.</summary>
    private Task<SaveOutcome> EndOf(TaskCompletionSource<SaveOutcome> persisted)
    {
        persisted.TrySetResult(Captured.Result == SaveOutcome.Completed ? Committed.Result : Captured.Result);
        return persisted.Task;
    }
}
