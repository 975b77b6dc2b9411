using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>The session when its silo dies, comes back, sends it away, or never returns.</summary>
public sealed class SiloLossTests : IAsyncDisposable
{
    private readonly SessionFixture _test = new();

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task SiloDies_TrainingGoesOnAndTheNextHelloSaysWhereItIs()
    {
        await _test.StartAsync();
        await _test.EnterAsync(epoch: 4);
        await _test.Silo.NextAsync<TrainerHello>();
        _test.Silo.Kill();
        Assert.Equal(SaveOutcome.Completed, await (await _test.SaveAsync(1)).Captured);
        _test.Session.ReportStep(1, 1, TimeSpan.Zero);
        _test.Session.ReportLostPeer(0);
        _test.Silo.Start();
        var hello = await _test.Silo.NextAsync<TrainerHello>();
        Assert.Equal((1, 4, 1), (hello.Rank, hello.Epoch, hello.Iteration));
        Assert.True(hello.ShardBytes > _test.State.Elements * 4L);
        Assert.Equal(new TrainerLostPeer(4, 0), await _test.Silo.NextAsync<TrainerLostPeer>());
        await _test.Silo.CallAsync("seal 1@4");
        _test.Silo.Send(new SiloStop(5));
        await _test.Silo.NextAsync<TrainerStopped>();
    }

    /// <summary>
    /// The trainer takes no restore point of an earlier epoch. If the job's record is lost, perhaps only the trainer knows the epoch.
    /// </summary>
    [Fact]
    public async Task SiloDies_TheNextHelloSaysOfWhichEpochTheTrainerWasTold()
    {
        await _test.StartAsync();
        await _test.EnterAsync(epoch: 4);
        Assert.Equal(0, (await _test.Silo.NextAsync<TrainerHello>()).EpochFloor);
        _test.Silo.Send(new SiloStop(6));
        await _test.Silo.NextAsync<TrainerStopped>();
        _test.Silo.Kill();
        _test.Silo.Start();
        var hello = await _test.Silo.NextAsync<TrainerHello>();
        Assert.Equal((4, 6), (hello.Epoch, hello.EpochFloor));
    }

    /// <summary>
    /// The trainer overwrites the snapshot before the committed one. The next silo and a new root agent may not know of the commit.
    /// </summary>
    [Fact]
    public async Task SiloDies_TheNextHelloSaysWhatTheTrainerHoldsForCommitted()
    {
        await _test.StartAsync();
        await _test.EnterAsync(epoch: 4);
        Assert.Equal(0, (await _test.Silo.NextAsync<TrainerHello>()).Committed);
        var save = await _test.SaveAsync(1);
        await save.Captured;
        _test.Silo.Send(new SiloCommitted(4, 1));
        Assert.Equal(SaveOutcome.Completed, await save.Committed);
        _test.Silo.Kill();
        _test.Silo.Start();
        Assert.Equal(1, (await _test.Silo.NextAsync<TrainerHello>()).Committed);
    }

    [Fact]
    public async Task SiloDies_ACallInFlightIsAskedAgain()
    {
        await _test.StartAsync();
        _test.Silo.Hangs = true;
        var restore = _test.Session.RestoreAsync(_test.State.State);
        await _test.Silo.CallAsync("declare");
        _test.Silo.Kill();
        _test.Silo.Hangs = false;
        _test.Silo.Start();
        _test.Silo.Offer(1);
        Assert.Null(await restore.WaitAsync(FakeSilo.Limit));
    }

    [Fact]
    public async Task SiloReturns_SaveStillPending_ItsFateIsAskedFor()
    {
        await _test.StartAsync();
        await _test.EnterAsync(epoch: 1);
        await _test.SaveAsync(1);
        await _test.SaveAsync(2);
        _test.Silo.Kill();
        _test.Silo.Start();
        await _test.Silo.NextAsync<TrainerHello>();
        await _test.SaveAsync(3);
        await _test.Silo.CallAsync("skip 3@1");
        await _test.Silo.CallAsync("skip 2@1");
    }

    [Fact]
    public async Task Save_FailsWhileTheSiloIsAway_TheNextSiloHearsWhy()
    {
        await _test.StartAsync();
        await _test.Silo.NextAsync<TrainerHello>();
        await _test.EnterAsync(epoch: 1);
        _test.Silo.Kill();
        _test.State.Note = new string('x', 100);
        Assert.Equal(SaveOutcome.Failed, await _test.Session.Save(1, _test.State.State).Captured);

        _test.Silo.Start();
        await _test.Silo.NextAsync<TrainerHello>();
        Assert.Contains("could not be read", (await _test.Silo.NextAsync<TrainerSaves>()).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SiloSendsItAway_EveryCallSaysWhyAndTheProcessEnds()
    {
        await _test.StartAsync();
        await _test.EnterAsync(epoch: 1);
        _test.Silo.Send(new SiloExit("the host stops"));
        Assert.Equal(GeminiSession.ExitCodeOfLostSession, await _test.Exited.Task.WaitAsync(FakeSilo.Limit));
        var error = Assert.Throws<SessionEndedException>(() => _test.Session.Save(1, _test.State.State));
        Assert.Contains("the host stops", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SessionEndedException>(() => _test.Session.RestoreAsync(_test.State.State));
    }

    [Fact]
    public async Task SiloSendsALineWithoutEnd_TheTrainerConnectsAgain()
    {
        await _test.StartAsync();
        await _test.Silo.NextAsync<TrainerHello>();
        _test.Silo.SendRaw([.. Enumerable.Repeat((byte)'x', TrainerProtocol.MaxLineBytes)]);
        await _test.Silo.NextAsync<TrainerHello>();
        Assert.Contains(_test.Log, line => line.Contains("invalid line", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NoSilo_JoinEndsAfterTheAbsenceLimit()
    {
        _test.Silo.Kill();
        var join = _test.StartAsync(_test.Options with { SiloAbsenceLimit = TimeSpan.FromMilliseconds(100) });
        Assert.Contains("No silo", (await Assert.ThrowsAsync<SessionEndedException>(() => join)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LockFileWasDeleted_IsLockedAgainAtTheNextRestore()
    {
        await _test.StartAsync();
        await _test.EnterAsync(1);
        File.Delete(_test.Options.LockPath);
        await _test.EnterAsync(2);
        Assert.Throws<IOException>(() => TrainerLock.Take(_test.Options.LockPath));
    }

    [Fact]
    public async Task LockIsHeld_JoinFailsWithAClearLine()
    {
        await _test.StartAsync();
        var error = await Assert.ThrowsAsync<IOException>(() => GeminiSession.JoinAsync(_test.Options, _ => _test.Silo, CancellationToken.None));
        Assert.Contains("is locked", error.Message, StringComparison.Ordinal);
        Assert.Contains("another trainer", error.Message, StringComparison.Ordinal);
    }
}
