namespace Gemini.Trainer.Checkpointing;

/// <summary>
/// What becomes of one save. Nobody has to await it; the tasks never fault, whatever happens is a <see cref="SaveOutcome"/>.
/// </summary>
public sealed class SaveHandle
{
    private readonly TaskCompletionSource<SaveOutcome> _captured = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<SaveOutcome> _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal SaveHandle(long iteration) => Iteration = iteration;

    /// <summary>The iteration that was saved.</summary>
    public long Iteration { get; }

    /// <summary>Whether it is decided that no snapshot is taken of this iteration.</summary>
    public bool Skipped => Captured is { IsCompletedSuccessfully: true, Result: SaveOutcome.Skipped };

    /// <summary>The shard is sealed in own host memory: it survives the trainer.</summary>
    public Task<SaveOutcome> Captured => _captured.Task;

    /// <summary>Every shard of this iteration, or of a later one, has its m replicas: it survives m-1 hosts.</summary>
    public Task<SaveOutcome> Committed => _committed.Task;

    /// <summary>
    /// The snapshot is in persistent storage: it survives the job. Answers <see cref="SaveOutcome.NotConfigured"/> at once,
    /// because jobs have no storage tier yet.
    /// </summary>
    public Task<SaveOutcome> Persisted { get; } = Task.FromResult(SaveOutcome.NotConfigured);

    internal void SetCaptured() => _captured.TrySetResult(SaveOutcome.Completed);

    internal void SetCommitted() => _committed.TrySetResult(SaveOutcome.Completed);

    /// <summary>Ends every stage that is not done.</summary>
    internal void End(SaveOutcome outcome)
    {
        _captured.TrySetResult(outcome);
        _committed.TrySetResult(outcome);
    }
}
