using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>The stages of one save, and the waits for persistent storage of one epoch.</summary>
public sealed class SaveHandleTests
{
    private readonly PersistWaits _waits = new(isConfigured: true);

    [Fact]
    public void New_NothingIsDone()
    {
        var handle = new SaveHandle(7, _waits);
        Assert.Equal((7L, false), (handle.Iteration, handle.Skipped));
        Assert.False(handle.Captured.IsCompleted || handle.Committed.IsCompleted || handle.Persisted.IsCompleted);
    }

    [Fact]
    public async Task Stages_OneAfterTheOther_CompleteAlone()
    {
        var handle = new SaveHandle(7, _waits);
        handle.SetCaptured();
        Assert.Equal(SaveOutcome.Completed, await handle.Captured);
        Assert.False(handle.Committed.IsCompleted || handle.Persisted.IsCompleted);
        handle.SetCommitted();
        Assert.Equal(SaveOutcome.Completed, await handle.Committed);
        Assert.False(handle.Persisted.IsCompleted);
        _waits.Persist(7);
        Assert.Equal(SaveOutcome.Completed, await handle.Persisted);
    }

    /// <summary>A save that has ended in one way keeps its outcome.</summary>
    [Theory]
    [InlineData(SaveOutcome.Skipped)]
    [InlineData(SaveOutcome.Abandoned)]
    [InlineData(SaveOutcome.EpochEnded)]
    [InlineData(SaveOutcome.Failed)]
    public async Task End_BeforeTheCapture_EndsEveryStageForGood(SaveOutcome outcome)
    {
        var handle = new SaveHandle(7, _waits);
        var early = handle.Persisted;
        handle.End(outcome);
        handle.SetCaptured();
        handle.SetCommitted();
        handle.End(SaveOutcome.Completed);
        Assert.Equal([outcome, outcome, outcome, outcome], await Task.WhenAll(handle.Captured, handle.Committed, handle.Persisted, early));
        Assert.Equal(outcome == SaveOutcome.Skipped, handle.Skipped);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task End_AfterTheCapture_EndsWhatIsLeft(bool isPersistedReadBefore)
    {
        var handle = new SaveHandle(7, _waits);
        handle.SetCaptured();
        if (isPersistedReadBefore) _ = handle.Persisted;
        handle.End(SaveOutcome.Abandoned);
        Assert.Equal(
            [SaveOutcome.Completed, SaveOutcome.Abandoned, SaveOutcome.Abandoned], await Task.WhenAll(handle.Captured, handle.Committed, handle.Persisted));
    }

    /// <summary>Storage is written in the background: a committed save may still reach it.</summary>
    [Fact]
    public async Task End_AfterTheCommit_LeavesTheWaitForStorage()
    {
        var handle = new SaveHandle(7, _waits);
        handle.SetCaptured();
        handle.SetCommitted();
        var persisted = handle.Persisted;
        _waits.End();
        Assert.Equal(SaveOutcome.EpochEnded, await persisted);
    }

    [Theory]
    [InlineData(6, false)]
    [InlineData(7, true)]
    [InlineData(8, true)]
    public async Task Persist_ThisOrALaterIteration_CompletesTheWait(long persisted, bool isDone)
    {
        var wait = _waits.Of(7);
        _waits.Persist(persisted);
        var late = _waits.Of(7);
        Assert.Equal((isDone, isDone), (wait.Task.IsCompleted, late.Task.IsCompleted));
        _waits.End();
        var expected = isDone ? SaveOutcome.Completed : SaveOutcome.EpochEnded;
        Assert.Equal([expected, expected, expected], await Task.WhenAll(wait.Task, late.Task, _waits.Of(7).Task));
    }

    /// <summary>An older message may come late.</summary>
    [Fact]
    public void Persist_OlderIterationLater_ForgetsNothing()
    {
        _waits.Persist(9);
        _waits.Persist(3);
        Assert.True(_waits.Of(9).Task.IsCompleted);
        Assert.False(_waits.Of(10).Task.IsCompleted);
    }

    [Fact]
    public async Task Of_NoStorage_IsKnownAtOnce()
    {
        var waits = new PersistWaits(isConfigured: false);
        waits.End();
        Assert.Equal(SaveOutcome.NotConfigured, await waits.Of(7).Task);
        Assert.Equal(SaveOutcome.NotConfigured, await new SaveHandle(7, waits).Persisted);
    }
}
