using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>A spare process, from its first line until it takes over.</summary>
public sealed class SpareTurnTests : IAsyncDisposable
{
    private readonly SessionFixture _test = new();
    private readonly TaskCompletionSource _warm = new();

    private GeminiOptions Options => _test.Options with { Launch = new() { Spare = 3, Warm = _warm.Task } };

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Spare_SaysWhenItIsWarm_AndTakesTheLockOnlyAtItsTurn()
    {
        var joining = _test.StartAsync(Options);
        var said = await _test.Silo.NextAsync<TrainerSpare>();
        Assert.Equal((TrainerProtocol.Version, 0, 3), (said.Version, said.LocalIndex, said.Number));
        await _test.Silo.CallAsync("warm up");
        _warm.SetResult();
        await _test.Silo.NextAsync<TrainerWarm>();

        // The earlier trainer holds the lock all this time.
        using (TrainerLock.Take(Options.LockPath)) Assert.False(joining.IsCompleted);
        _test.Silo.Send(new SiloTakeOver());
        var hello = await _test.Silo.NextAsync<TrainerHello>();
        Assert.Equal((Environment.ProcessId, true), (hello.ProcessId, hello.Warm));
        await joining.WaitAsync(FakeSilo.Limit);
        Assert.Throws<IOException>(() => TrainerLock.Take(Options.LockPath));
        await _test.EnterAsync(1);
    }

    [Fact]
    public async Task Spare_ItsTurnComesBeforeItIsWarm_TakesIt()
    {
        var joining = _test.StartAsync(Options);
        await _test.Silo.NextAsync<TrainerSpare>();
        _test.Silo.Send(new SiloTakeOver());
        Assert.False((await _test.Silo.NextAsync<TrainerHello>()).Warm);
        await joining.WaitAsync(FakeSilo.Limit);
        _warm.SetResult();
        await _test.Silo.NextAsync<TrainerWarm>();
    }

    [Fact]
    public async Task Spare_ItsSiloDies_Exits()
    {
        var joining = _test.StartAsync(Options);
        await _test.Silo.NextAsync<TrainerSpare>();
        _test.Silo.Kill();
        await Assert.ThrowsAsync<SessionEndedException>(() => joining);
    }

    [Fact]
    public async Task Spare_NoSilo_Exits()
    {
        _test.Silo.Kill();
        var ended = await Assert.ThrowsAsync<SessionEndedException>(() => _test.StartAsync(Options));
        Assert.Contains(Options.SocketPath, ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Spare_CannotBePrepared_SaysWhy()
    {
        _warm.SetException(new IOException("no text"));
        Assert.Equal("no text", (await Assert.ThrowsAsync<IOException>(() => _test.StartAsync(Options))).Message);
    }

    [Fact]
    public async Task Spare_TheLockIsHeldAtItsTurn_Exits()
    {
        using var held = TrainerLock.Take(Options.LockPath);
        var joining = _test.StartAsync(Options);
        await _test.Silo.NextAsync<TrainerSpare>();
        _test.Silo.Send(new SiloTakeOver());
        await Assert.ThrowsAsync<IOException>(() => joining);
    }
}
