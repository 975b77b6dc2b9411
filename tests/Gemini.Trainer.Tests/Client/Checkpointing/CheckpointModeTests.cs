using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>In a job that runs one of the paper's baselines, a save stops training until the state is copied.</summary>
public sealed class BaselineSaveTests : IAsyncLifetime
{
    private readonly SessionFixture _test = new();

    public async ValueTask InitializeAsync()
    {
        _test.Silo.Job = _test.Silo.Job with { Storage = StoragePolicy.Strawman with { IsBaseline = true } };
        await _test.StartAsync();
        await _test.EnterAsync(epoch: 1);
    }

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Save_ReturnsOnlyWhenTheHostHasItsCopy()
    {
        _test.Silo.HasStaged = false;
        var saving = Task.Run(() => _test.SaveAsync(1));
        await _test.Silo.CallAsync("staged 1@1");
        await _test.Silo.CallAsync("staged 1@1");
        Assert.False(saving.IsCompleted);

        _test.Silo.HasStaged = true;
        Assert.Equal(SaveOutcome.Completed, await (await saving.WaitAsync(FakeSilo.Limit)).Captured);
    }

    [Fact]
    public async Task Save_EpochEndsMeanwhile_SaysSo()
    {
        _test.Silo.HasStaged = false;
        var saving = Task.Run(() => _test.SaveAsync(1));
        await _test.Silo.CallAsync("staged 1@1");
        _test.Silo.Send(new SiloStop(2));
        await Assert.ThrowsAsync<EpochEndedException>(() => saving.WaitAsync(FakeSilo.Limit));
    }
}
