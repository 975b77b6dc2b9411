using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>The session against a scripted silo: saving, the end of an epoch, restoring.</summary>
public sealed class GeminiSessionTests : IAsyncLifetime
{
    private readonly SessionFixture _test = new();

    private GeminiSession Session => _test.Session;

    public async ValueTask InitializeAsync() => await _test.StartAsync();

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Join_TellsWhoItIsAndLearnsItsRank()
    {
        Assert.Equal((1, 2), (Session.Rank, Session.WorldSize));
        var hello = await _test.Silo.NextAsync<TrainerHello>();
        Assert.Equal((0, Environment.ProcessId, "x:9"), (hello.LocalIndex, hello.ProcessId, hello.RingEndpoint));
        Assert.Equal("0123456789abcdef", hello.Program);
    }

    /// <summary>A caller may dispose a session that an outer using disposes again.</summary>
    [Fact]
    public async Task Dispose_Twice_EndsOnce()
    {
        await _test.EnterAsync(epoch: 1);
        await _test.SaveAsync(1);
        await Session.DisposeAsync();
        Assert.Null(await Record.ExceptionAsync(() => Session.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Save_FreeSlot_IsSealedAndAnnounced()
    {
        await _test.EnterAsync(epoch: 1);
        Assert.Equal(["a:1", "b:2"], Session.RingEndpoints);
        var handle = await _test.SaveAsync(1);
        Assert.Equal(SaveOutcome.Completed, await handle.Captured);
        Assert.Equal(new TrainerCapturing(1, 1), await _test.Silo.NextAsync<TrainerCapturing>());
        using var segment = _test.OpenSlot(0);
        Assert.Equal((SegmentState.Sealed, -1), (segment.State, segment.FindBadChunk()));
        Assert.Equal($"seal 1@1 {segment.Hash}", await _test.Silo.CallAsync("seal"));
        Assert.False(handle.Committed.IsCompleted);
        _test.Silo.Send(new SiloCommitted(1, 1));
        Assert.Equal(SaveOutcome.Completed, await handle.Committed.WaitAsync(FakeSilo.Limit));
        Assert.Equal(SaveOutcome.NotConfigured, await handle.Persisted);
    }

    [Fact]
    public async Task Save_NoFreeSlot_WaitsForTheCommitAndThenCaptures()
    {
        await _test.EnterAsync(epoch: 1);
        var first = await _test.SaveAsync(1);
        await _test.SaveAsync(2);
        _test.State.Set(3);
        var parked = Session.Save(3, _test.State.State);
        Assert.False(parked.Captured.IsCompleted);
        _test.Silo.Send(new SiloCommitted(1, 2));
        await Session.WaitForCaptureAsync().AsTask().WaitAsync(FakeSilo.Limit);
        Assert.Equal(SaveOutcome.Completed, await parked.Captured);
        Assert.Equal(SaveOutcome.Completed, await first.Committed);
        using var slot = _test.OpenSlot(0);
        Assert.Equal(new SnapshotId(new Iteration(3), new Epoch(1)), slot.Snapshot);
    }

    [Fact]
    public async Task Save_AbandonedByAnotherRank_FreesItsSlot()
    {
        await _test.EnterAsync(epoch: 1);
        await _test.SaveAsync(1);
        var second = await _test.SaveAsync(2);
        var parked = Session.Save(3, _test.State.State);
        _test.Silo.Send(new SiloAbandoned(1, 2));
        await Session.WaitForCaptureAsync().AsTask().WaitAsync(FakeSilo.Limit);
        Assert.Equal((SaveOutcome.Abandoned, SaveOutcome.Completed), (await second.Committed, await parked.Captured));
    }

    [Fact]
    public async Task Save_SlotNeverFrees_IsSkippedAndDoesNotWaitTwice()
    {
        await _test.EnterAsync(epoch: 1);
        await _test.SaveAsync(1);
        await _test.SaveAsync(2);
        var third = await _test.SaveAsync(3);
        Assert.True(third.Skipped);
        Assert.Equal("skip 3@1", await _test.Silo.CallAsync("skip"));
        Session.Save(4, _test.State.State);
        Assert.True(Session.WaitForCaptureAsync().AsTask().IsCompletedSuccessfully);
        Assert.Equal("skip 4@1", await _test.Silo.CallAsync("skip"));
        Assert.Equal(2, Session.SkippedSaves);
        Assert.Single(_test.Log, line => line.Contains("No snapshot of iteration 3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Save_IsSkippedAndThenWorks_TheSiloHearsTheReasonAndItsEnd()
    {
        await _test.EnterAsync(epoch: 1);
        await _test.SaveAsync(1);
        var second = await _test.SaveAsync(2);
        await _test.SaveAsync(3);
        var failing = await _test.Silo.NextAsync<TrainerSaves>();
        Assert.Equal(1, failing.Epoch);
        Assert.StartsWith("no slot became free within", failing.Problem, StringComparison.Ordinal);

        _test.Silo.Send(new SiloCommitted(1, 2));
        await second.Committed.WaitAsync(FakeSilo.Limit);
        await _test.SaveAsync(4);
        Assert.Equal(new TrainerSaves(1, ""), await _test.Silo.NextAsync<TrainerSaves>());
    }

    [Fact]
    public async Task Save_ValueTooLong_IsAFailedSaveAndNotAFailedTraining()
    {
        await _test.EnterAsync(epoch: 1);
        _test.State.Note = new string('x', 100);
        Assert.Equal(SaveOutcome.Failed, await Session.Save(1, _test.State.State).Captured);
        Assert.Equal("skip 1@1", await _test.Silo.CallAsync("skip"));
        await Session.WaitForCaptureAsync();
        Assert.Equal(SaveOutcome.Completed, await (await _test.SaveAsync(2)).Captured);
    }

    [Fact]
    public async Task Restore_ValueIsTooLongAlready_ThrowsAndNamesIt()
    {
        _test.State.Note = new string('x', 100);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Session.RestoreAsync(_test.State.State));
        Assert.Contains("note takes 100 bytes", error.Message);
    }

    [Fact]
    public async Task CaptureWait_StateChangedSinceTheSave_ThrowsAndNamesTheTensor()
    {
        await _test.EnterAsync(epoch: 1);
        Session.Save(1, _test.State.State);
        _test.State.SetWeight(7, 1);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await Session.WaitForCaptureAsync());
        Assert.Contains("weights", error.Message);
        Assert.DoesNotContain("counts", error.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Restore_CopyOfAnotherState_IsRefused_AndEndsTheTrainerIfThereIsNoOther(bool another)
    {
        await _test.EnterAsync(epoch: 1);
        await _test.SaveAsync(1);
        _test.RewriteHeader(slot: 0, "weights", "wei8hts");
        _test.Silo.HasAnotherCopy = another;
        _test.Silo.Send(new SiloStop(2));
        await _test.Silo.NextAsync<TrainerStopped>();
        _test.Silo.Offer(2, new SnapshotId(new Iteration(1), new Epoch(1)), _test.HashOf(0), slot: 0);
        var restore = Session.RestoreAsync(_test.State.State);
        Assert.Contains("belongs to another training state", await _test.Silo.CallAsync("reject"));
        if (another)
        {
            _test.Silo.Offer(3);
            Assert.Null(await restore.WaitAsync(FakeSilo.Limit));
        }
        else
        {
            var error = await Assert.ThrowsAsync<InvalidDataException>(() => restore.WaitAsync(FakeSilo.Limit));
            Assert.Contains("belongs to another training state", error.Message);
        }
    }

    [Fact]
    public async Task Restore_ToNothingBeforeTheFirstCommit_TheStateIsTheInitialOne()
    {
        _test.State.Set(0);
        await _test.EnterAsync(epoch: 1);
        _test.Silo.Send(new SiloCommitted(1, 0)); // As a silo does when the epoch begins to run.
        await _test.SaveAsync(1);
        _test.Silo.Send(new SiloStop(2));
        await _test.Silo.NextAsync<TrainerStopped>();
        await _test.EnterAsync(epoch: 2);
        _test.State.AssertIs(0);
        await _test.SaveAsync(1);
        _test.Silo.Send(new SiloStop(3));
        await _test.Silo.NextAsync<TrainerStopped>();
        await _test.EnterAsync(epoch: 3);
        _test.State.AssertIs(0);
    }

    [Fact]
    public async Task Restore_ToNothingAfterACommit_EndsTheProcess()
    {
        await _test.EnterAsync(epoch: 1);
        var handle = await _test.SaveAsync(1);
        _test.Silo.Send(new SiloCommitted(1, 1));
        await handle.Committed.WaitAsync(FakeSilo.Limit);
        _test.Silo.Send(new SiloStop(2));
        await _test.Silo.NextAsync<TrainerStopped>();
        _test.Silo.Offer(2);
        await Assert.ThrowsAsync<SessionEndedException>(() => Session.RestoreAsync(_test.State.State).WaitAsync(FakeSilo.Limit));
    }

    [Fact]
    public async Task Save_CaptureWaitLeftOut_Throws()
    {
        await _test.EnterAsync(epoch: 1);
        Session.Save(1, _test.State.State);
        Assert.Throws<InvalidOperationException>(() => Session.Save(2, _test.State.State));
    }

    [Fact]
    public async Task Stop_DuringCapture_AnswersWhenNothingIsWrittenAnyMore()
    {
        await _test.EnterAsync(epoch: 1);
        _test.State.Set(1);
        var handle = Session.Save(1, _test.State.State);
        _test.Silo.Send(new SiloStop(2));
        Assert.Equal(2, (await _test.Silo.NextAsync<TrainerStopped>()).Epoch);
        // The stop may have come before the last chunk or after it.
        var captured = await handle.Captured.WaitAsync(FakeSilo.Limit);
        using var slot = _test.OpenSlot(0);
        Assert.Equal(captured == SaveOutcome.Completed ? SegmentState.Sealed : SegmentState.Free, slot.State);
        Assert.Equal(SaveOutcome.EpochEnded, await handle.Committed.WaitAsync(FakeSilo.Limit));
    }

    /// <summary>The log may throw because of a full disk, or in the user's own function. Training continues.</summary>
    [Fact]
    public async Task Log_Throws_ChangesNothing()
    {
        await using var test = new SessionFixture();
        await test.StartAsync(test.Options with { Log = _ => throw new IOException("No space left on device") });
        await test.EnterAsync(epoch: 1);
        // The third save finds no free slot and is skipped. The session then logs this, and the log throws.
        for (var iteration = 1; iteration <= 3; iteration++) await test.SaveAsync(iteration);
        Assert.Equal(1, test.Session.SkippedSaves);
    }

    [Fact]
    public async Task Stop_EndsEveryCallOfTheEpoch()
    {
        await _test.EnterAsync(epoch: 1);
        var token = Session.EpochToken;
        _test.Silo.Send(new SiloStop(2));
        await _test.Silo.NextAsync<TrainerStopped>();
        Assert.Throws<EpochEndedException>(() => Session.Save(1, _test.State.State));
        Assert.Throws<EpochEndedException>(() => Session.ReportStep(1, 0, TimeSpan.Zero));
        await Assert.ThrowsAsync<EpochEndedException>(async () => await Session.WaitForCaptureAsync());
        await Assert.ThrowsAsync<EpochEndedException>(() => Session.CompleteAsync());
        Session.ReportLostPeer(0);
        await SessionFixture.CancelledAsync(token);
    }

    [Fact]
    public async Task Stop_OfTheEpochItIsIn_ChangesNothing()
    {
        await _test.EnterAsync(epoch: 2);
        _test.Silo.Send(new SiloStop(2));
        await _test.Silo.NextAsync<TrainerStopped>();
        Assert.Equal(SaveOutcome.Completed, await (await _test.SaveAsync(1)).Captured);
    }

    [Fact]
    public async Task Stop_DuringTheCaptureWait_EndsIt()
    {
        await _test.EnterAsync(epoch: 1);
        await _test.SaveAsync(1);
        await _test.SaveAsync(2);
        var parked = Session.Save(3, _test.State.State);
        var wait = Session.WaitForCaptureAsync().AsTask();
        _test.Silo.Send(new SiloStop(2));
        var first = await Record.ExceptionAsync(() => wait.WaitAsync(FakeSilo.Limit));
        Assert.True(first is EpochEndedException || parked.Skipped, $"The capture wait ended with {first}.");
    }

    [Fact]
    public async Task Restore_AfterAStop_LoadsTheSnapshotInPlace()
    {
        await _test.EnterAsync(epoch: 1);
        await _test.SaveAsync(1);
        await _test.SaveAsync(2);
        var hash = _test.HashOf(1);
        _test.State.Set(3);
        _test.Silo.Send(new SiloStop(2));
        await _test.Silo.NextAsync<TrainerStopped>();
        _test.Silo.Offer(2, new SnapshotId(new Iteration(2), new Epoch(1)), hash, slot: 1);
        Assert.Equal(2, await Session.RestoreAsync(_test.State.State).WaitAsync(FakeSilo.Limit));
        _test.State.AssertIs(2);
        Assert.Equal("loaded 2", await _test.Silo.CallAsync("loaded 2"));
        Assert.Equal(2, Session.Epoch);

        // The restored snapshot counts as committed, so the save must use the other slot.
        await _test.SaveAsync(3);
        Assert.Equal(new TrainerCapturing(2, 3), await _test.NextCaptureAsync(epoch: 2));
    }

    [Fact]
    public async Task Restore_FlippedBit_RejectsTheCopyAndTakesTheNextPlan()
    {
        await _test.EnterAsync(epoch: 1);
        await _test.SaveAsync(1);
        await _test.SaveAsync(2);
        var (first, second) = (_test.HashOf(0), _test.HashOf(1));
        _test.FlipPayload(slot: 1);
        _test.Silo.Offer(2, new SnapshotId(new Iteration(2), new Epoch(1)), second, slot: 1);
        _test.Silo.Offer(3, new SnapshotId(new Iteration(1), new Epoch(1)), first, slot: 0);
        Assert.Equal(1, await Session.RestoreAsync(_test.State.State).WaitAsync(FakeSilo.Limit));
        Assert.Contains("does not match its hash", await _test.Silo.CallAsync("reject 2@1"), StringComparison.Ordinal);
        _test.State.AssertIs(1);
        Assert.Equal(3, Session.Epoch);
    }

    [Fact]
    public async Task Restore_PointOfAnEpochThatIsOver_IsIgnored()
    {
        await _test.EnterAsync(epoch: 1);
        _test.Silo.Send(new SiloStop(3));
        await _test.Silo.NextAsync<TrainerStopped>();
        _test.Silo.Offer(2);
        _test.Silo.Offer(3);
        Assert.Null(await Session.RestoreAsync(_test.State.State).WaitAsync(FakeSilo.Limit));
        Assert.Equal(3, Session.Epoch);
    }

    [Fact]
    public async Task Busy_IsAnnouncedAndEndsWhenItIsDisposed()
    {
        await _test.EnterAsync(epoch: 1);
        var pause = Session.Busy("evaluation", TimeSpan.FromMinutes(10));
        Assert.Equal(new TrainerBusy(1, 1, "evaluation", 600_000), await _test.Silo.NextAsync<TrainerBusy>());
        Assert.Contains("evaluation", Assert.Throws<InvalidOperationException>(() => Session.Busy("export", TimeSpan.FromSeconds(1))).Message);
        pause.Dispose();
        pause.Dispose();
        Assert.Equal(new TrainerBusy(1, 2, "", 0), await _test.Silo.NextAsync<TrainerBusy>());
        using var next = Session.Busy("export", TimeSpan.FromSeconds(1));
        Assert.Equal(new TrainerBusy(1, 3, "export", 1000), await _test.Silo.NextAsync<TrainerBusy>());
    }

    [Fact]
    public async Task Busy_AnotherSiloComes_IsToldOfThePause()
    {
        await _test.EnterAsync(epoch: 1);
        using var pause = Session.Busy("evaluation", TimeSpan.FromMinutes(10));
        await _test.Silo.NextAsync<TrainerBusy>();
        _test.Silo.Kill();
        _test.Silo.Start();
        await _test.Silo.NextAsync<TrainerHello>();
        Assert.Equal("evaluation", (await _test.Silo.NextAsync<TrainerBusy>()).Reason);
    }

    [Fact]
    public async Task Complete_WaitsForTheCommitAndSaysSo()
    {
        await _test.EnterAsync(epoch: 1);
        Session.ReportStep(1, 0.5, TimeSpan.FromMilliseconds(10));
        Session.Save(1, _test.State.State);
        var complete = Session.CompleteAsync();
        await _test.Silo.CallAsync("seal");
        Assert.False(complete.IsCompleted);
        _test.Silo.Send(new SiloCommitted(1, 1));
        await complete.WaitAsync(FakeSilo.Limit);
        Assert.Equal(new TrainerFinished(1, 1), await _test.Silo.NextAsync<TrainerFinished>());
    }
}
