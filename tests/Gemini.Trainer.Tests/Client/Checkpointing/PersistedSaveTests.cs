using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>What the handle of a save reports about persistent storage.</summary>
public sealed class PersistedSaveTests : IAsyncLifetime
{
    private readonly SessionFixture _test = new();

    public async ValueTask InitializeAsync()
    {
        _test.Silo.Job = _test.Silo.Job with { Storage = StoragePolicy.Strawman };
        await _test.StartAsync();
        await _test.EnterAsync(epoch: 1);
    }

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Persisted_CompletesWithItsOwnOrALaterSnapshot_OfThisEpoch()
    {
        var first = await SaveAndCommitAsync(1);
        var second = await SaveAndCommitAsync(2);
        var waiting = second.Persisted;
        Assert.False(waiting.IsCompleted);

        _test.Silo.Send(new SiloPersisted(7, 2));
        _test.Silo.Send(new SiloPersisted(1, 2));

        Assert.Equal(SaveOutcome.Completed, await waiting.WaitAsync(FakeSilo.Limit));
        Assert.Equal(SaveOutcome.Completed, await first.Persisted.WaitAsync(FakeSilo.Limit));
        Assert.False((await SaveAndCommitAsync(3)).Persisted.IsCompleted);
    }

    [Fact]
    public async Task Persisted_EpochEndsFirst_SaysSo()
    {
        var handle = await SaveAndCommitAsync(1);
        var waiting = handle.Persisted;
        _test.Silo.Send(new SiloStop(2));
        Assert.Equal(SaveOutcome.EpochEnded, await waiting.WaitAsync(FakeSilo.Limit));
    }

    [Fact]
    public async Task Persisted_OfAnAbandonedSave_IsAbandoned()
    {
        var handle = await _test.SaveAsync(1);
        _test.Silo.Send(new SiloAbandoned(1, 1));
        Assert.Equal(SaveOutcome.Abandoned, await handle.Committed.WaitAsync(FakeSilo.Limit));
        Assert.Equal(SaveOutcome.Abandoned, await handle.Persisted.WaitAsync(FakeSilo.Limit));
    }

    private async Task<SaveHandle> SaveAndCommitAsync(long iteration)
    {
        var handle = await _test.SaveAsync(iteration);
        _test.Silo.Send(new SiloCommitted(1, iteration));
        Assert.Equal(SaveOutcome.Completed, await handle.Committed.WaitAsync(FakeSilo.Limit));
        return handle;
    }
}
