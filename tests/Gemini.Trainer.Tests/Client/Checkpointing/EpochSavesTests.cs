using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>How the end of an epoch affects a long capture, and what a save does that finds no slot.</summary>
public sealed class EpochSavesTests : IDisposable
{
    private static readonly Rank Rank = new(1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly TestFolder _folder = new();
    private readonly TestState _state = new();
    private readonly ShardImage _image;
    private readonly MappedSegment[] _slots;
    private readonly CaptureThread _thread = new();
    private readonly SlotTable _table = new(2);
    private readonly Events _events = new();
    private readonly EpochSaves _saves;

    public EpochSavesTests()
    {
        _image = new ShardImage(_state.State, Rank.Value, 4);
        _slots = [.. Enumerable.Range(0, 2).Select(slot =>
            MappedSegment.Create(_folder.Paths.Segment(Rank, slot), new SegmentIdentity(TestFolder.Job, Rank), _image.Layout.PayloadBytes))];
        var options = SessionFixture.LeastOptions(socketPath: "x", lockPath: "x");
        _saves = new EpochSaves(new Epoch(1), _slots, _table, _image, _thread, _events, options, new PersistWaits(isConfigured: false), new BaselineTurn(0),
            new SlotPatience(options.SlotWait, expectedSkips: 0, () => true), new SaveDeadlines(options));
    }

    public void Dispose()
    {
        _events.MayGoOn.Set();
        _thread.Dispose();
        foreach (var slot in _slots) slot.Dispose();
        _image.Dispose();
        _state.Dispose();
        _folder.Dispose();
        _events.MayGoOn.Dispose();
    }

    [Fact]
    public async Task End_DuringACapture_CancelsIt_AndCountsNoFailedSave()
    {
        var handle = _saves.Save(new Iteration(1));
        await _events.Begun.Task.WaitAsync(Limit);

        var ended = _saves.End();
        Assert.False(ended.IsCompleted);
        _events.MayGoOn.Set();
        await ended.WaitAsync(Limit);

        Assert.Equal(SegmentState.Free, _slots[0].State);
        Assert.Equal(SaveOutcome.EpochEnded, await handle.Captured.WaitAsync(Limit));
        Assert.Equal((0, ""), (_saves.SkippedCount, _saves.Problem));
        Assert.Empty(_events.Said);
        Assert.True(_table.HasFreeSlot);
    }

    /// <summary>After the end the slots are unmapped, so nothing may use them any more.</summary>
    [Fact]
    public async Task End_SlotsAreBeingPrepared_WaitsForThat()
    {
        using var hold = new ManualResetEventSlim();
        _events.MayGoOn.Set();
        var other = _thread.CaptureAsync(
            _slots[0], new SnapshotId(new Iteration(1), new Epoch(1)), _image, () => !hold.Wait(Limit), () => { });
        _saves.Prepare();
        var ended = _saves.End();
        Assert.False(ended.IsCompleted);
        hold.Set();
        await ended.WaitAsync(Limit);
        Assert.True(other.IsCompleted);
    }

    /// <summary>Idle time is too short, so the copies of iteration 1 are still being sent.</summary>
    [Fact]
    public async Task Save_ModeThatWaitsForIdleSpans_NoSlotIsFree_IsSkippedWithoutAWait_AndIsNoProblem()
    {
        var saves = With(new BaselineTurn(0), new SlotPatience(TimeSpan.FromHours(1), expectedSkips: 10, () => true));
        _events.MayGoOn.Set();
        var handles = new List<SaveHandle>();
        for (var iteration = 1; iteration <= 4; iteration++)
        {
            handles.Add(saves.Save(new Iteration(iteration)));
            if (iteration == 4) saves.Commit(new Iteration(2));
            await saves.WaitAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit, TestContext.Current.CancellationToken);
        }

        Assert.Equal(SaveOutcome.Skipped, await handles[2].Captured.WaitAsync(Limit));
        Assert.Equal(SaveOutcome.Completed, await handles[3].Captured.WaitAsync(Limit));
        Assert.Equal((1, ""), (saves.SkippedCount, saves.Problem));
        Assert.Equal(["sealed 1@1", "sealed 2@1", "skipped 3@1", "sealed 4@1"], _events.Said);
        await saves.End().WaitAsync(Limit);
    }

    /// <summary>Nothing is sent without a silo, so training must not run away from its newest commit.</summary>
    [Fact]
    public async Task Save_ModeThatWaitsForIdleSpans_NoSlotIsFree_AndNoSilo_WaitsForTheSlot()
    {
        var hasSilo = true;
        var saves = With(new BaselineTurn(0), new SlotPatience(Limit, expectedSkips: 10, () => hasSilo));
        _events.MayGoOn.Set();
        for (var iteration = 1; iteration <= 2; iteration++)
        {
            saves.Save(new Iteration(iteration));
            await WaitAsync(saves);
        }

        hasSilo = false;
        var third = saves.Save(new Iteration(3));
        var wait = saves.WaitAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(wait.IsCompleted);
        saves.Commit(new Iteration(2));
        await wait.WaitAsync(Limit, TestContext.Current.CancellationToken);

        Assert.Equal(SaveOutcome.Completed, await third.Captured.WaitAsync(Limit, TestContext.Current.CancellationToken));
        Assert.Equal((0, ""), (saves.SkippedCount, saves.Problem));
        await saves.End().WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Save_Baseline_IsLeftOutWithoutAWait_AlsoIfACommitFreesASlot()
    {
        var saves = WithBaselines(interval: 2);
        _events.MayGoOn.Set();
        saves.Save(new Iteration(1));
        await WaitAsync(saves);
        var baseline = saves.Save(new Iteration(2));
        saves.Commit(new Iteration(1));
        await WaitAsync(saves);
        saves.Save(new Iteration(3));
        await WaitAsync(saves);

        Assert.Equal(SaveOutcome.Skipped, await baseline.Captured.WaitAsync(Limit, TestContext.Current.CancellationToken));
        Assert.Equal((1, ""), (saves.SkippedCount, saves.Problem));
        Assert.Equal(["sealed 1@1", "skipped 2@1", "sealed 3@1"], _events.Said);
        await saves.End().WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    /// <summary>The final state is always saved.</summary>
    [Fact]
    public async Task BeginLast_Baseline_IsCaptured()
    {
        var saves = WithBaselines(interval: 2);
        _events.MayGoOn.Set();
        saves.Save(new Iteration(1));
        await WaitAsync(saves);
        saves.Commit(new Iteration(1));
        var last = saves.Save(new Iteration(2));
        saves.BeginLast();
        saves.BeginLast();

        Assert.Equal(SaveOutcome.Completed, await last.Captured.WaitAsync(Limit, TestContext.Current.CancellationToken));
        Assert.Equal(0, saves.SkippedCount);
        await saves.End().WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    private static Task WaitAsync(EpochSaves saves) =>
        saves.WaitAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit, TestContext.Current.CancellationToken);

    /// <summary>Saves that wait an hour for a slot: a baseline does not.</summary>
    private EpochSaves WithBaselines(int interval) =>
        With(new BaselineTurn(interval), new SlotPatience(TimeSpan.FromHours(1), expectedSkips: 0, () => true));

    private EpochSaves With(BaselineTurn baselines, SlotPatience patience) => new(
        new Epoch(1), _slots, _table, _image, _thread, _events, SessionFixture.LeastOptions(socketPath: "x", lockPath: "x"),
        new PersistWaits(isConfigured: false), baselines, patience, new SaveDeadlines(SessionFixture.LeastOptions(socketPath: "x", lockPath: "x")));

    /// <summary>The capture thread waits at the begin of each capture.</summary>
    private sealed class Events : ISaveEvents
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim MayGoOn { get; } = new();

        public List<string> Said { get; } = [];

        public void CaptureBegun(SnapshotId snapshot)
        {
            Begun.TrySetResult();
            MayGoOn.Wait();
        }

        public void CaptureSealed(SnapshotId snapshot, ContentHash hash) => Said.Add($"sealed {snapshot}");

        public void SaveSkipped(SnapshotId snapshot) => Said.Add($"skipped {snapshot}");

        public void ProblemChanged() => Said.Add("the problem has changed");

        public void HealthChanged(string message) => Said.Add(message);
    }
}
