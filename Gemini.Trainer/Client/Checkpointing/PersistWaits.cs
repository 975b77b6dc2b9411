namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// The waits for persistent storage in one epoch. Hours may pass between two stored snapshots, so a save is remembered only if its
/// <see cref="SaveHandle.Persisted"/> has been read.
/// </summary>
internal sealed class PersistWaits(bool isConfigured)
{
    private readonly Lock _gate = new();
    private readonly List<(long Iteration, TaskCompletionSource<SaveOutcome> Wait)> _waits = [];
    private long _persisted;
    private bool _ended;

    /// <summary>Completes when this iteration, or a later one, of this epoch is in storage, or when the epoch ends.</summary>
    public TaskCompletionSource<SaveOutcome> Of(long iteration)
    {
        var wait = new TaskCompletionSource<SaveOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (!isConfigured) wait.SetResult(SaveOutcome.NotConfigured);
            else if (iteration <= _persisted) wait.SetResult(SaveOutcome.Completed);
            else if (_ended) wait.SetResult(SaveOutcome.EpochEnded);
            else _waits.Add((iteration, wait));
        }

        return wait;
    }

    /// <summary>A snapshot of this iteration is complete in storage.</summary>
    public void Persist(long iteration)
    {
        lock (_gate) _persisted = Math.Max(_persisted, iteration);
        Release(wait => wait.Iteration <= iteration, SaveOutcome.Completed);
    }

    public void End()
    {
        lock (_gate) _ended = true;
        Release(_ => true, SaveOutcome.EpochEnded);
    }

    private void Release(Predicate<(long Iteration, TaskCompletionSource<SaveOutcome> Wait)> isOver, SaveOutcome outcome)
    {
        lock (_gate)
        {
            foreach (var (_, wait) in _waits.FindAll(isOver)) wait.TrySetResult(outcome);
            _waits.RemoveAll(isOver);
        }
    }
}
