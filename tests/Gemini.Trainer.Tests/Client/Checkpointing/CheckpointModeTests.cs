using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>What a save does in the modes for comparison.</summary>
public sealed class CheckpointModeTests : IAsyncDisposable
{
    private readonly SessionFixture _test = new();

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Strawman_SaveReturnsOnlyWhenTheHostHasItsCopy()
    {
        await EnterAsync(CheckpointMode.Strawman);
        _test.Silo.HasStaged = false;
        var saving = Task.Run(() => _test.SaveAsync(1));
        await _test.Silo.CallAsync("staged 1@1");
        await _test.Silo.CallAsync("staged 1@1");
        Assert.False(saving.IsCompleted);

        _test.Silo.HasStaged = true;
        Assert.Equal(SaveOutcome.Completed, await (await saving.WaitAsync(FakeSilo.Limit)).Captured);
    }

    /// <summary>A recovery uses only storage, so a commit in host memory does not end the need for the initial state.</summary>
    [Fact]
    public async Task Strawman_NothingIsPersisted_BeginsAgainFromTheInitialState()
    {
        _test.State.Set(0);
        await EnterAsync(CheckpointMode.Strawman);
        var handle = await _test.SaveAsync(1);
        _test.Silo.Send(new SiloCommitted(1, 1));
        await handle.Committed.WaitAsync(FakeSilo.Limit);
        _test.Silo.Send(new SiloStop(2));
        await _test.Silo.NextAsync<TrainerStopped>();

        await _test.EnterAsync(epoch: 2);
        _test.State.AssertIs(0);
    }

    [Fact]
    public async Task Blocking_SaveReturnsOnlyWhenTheSnapshotIsCommitted()
    {
        await EnterAsync(CheckpointMode.Blocking);
        var saving = Task.Run(() => _test.SaveAsync(1));
        await _test.Silo.CallAsync("seal 1@1");
        Assert.False(saving.IsCompleted);

        _test.Silo.Send(new SiloCommitted(1, 1));
        Assert.Equal(SaveOutcome.Completed, await (await saving.WaitAsync(FakeSilo.Limit)).Committed);
    }

    [Theory]
    [InlineData(CheckpointMode.Strawman)]
    [InlineData(CheckpointMode.Blocking)]
    public async Task EpochEndsWhileASaveWaits_SaysSo(CheckpointMode mode)
    {
        await EnterAsync(mode);
        _test.Silo.HasStaged = false;
        var saving = Task.Run(() => _test.SaveAsync(1));
        await _test.NextCaptureAsync(epoch: 1);
        _test.Silo.Send(new SiloStop(2));
        await Assert.ThrowsAsync<EpochEndedException>(() => saving.WaitAsync(FakeSilo.Limit));
    }

    /// <summary>The slots stay as they were, and the job ends without a last commit.</summary>
    [Fact]
    public async Task None_NothingIsSaved()
    {
        await EnterAsync(CheckpointMode.None);
        var handle = await _test.SaveAsync(1);

        Assert.Equal((SaveOutcome.NotConfigured, SaveOutcome.NotConfigured, SaveOutcome.NotConfigured),
            (await handle.Captured, await handle.Committed, await handle.Persisted));
        await _test.Session.CompleteAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, _test.Session.SkippedSaves);
    }

    private async Task EnterAsync(CheckpointMode mode)
    {
        _test.Silo.Job = _test.Silo.Job with { Mode = mode, Storage = StoragePolicy.Strawman };
        await _test.StartAsync();
        await _test.EnterAsync(epoch: 1);
    }
}
