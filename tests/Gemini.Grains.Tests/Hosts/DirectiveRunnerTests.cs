using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>What a host does on each directive: the steps Halt, Prepare, Run and Complete, in the order in which it does them.</summary>
public sealed class DirectiveRunnerTests : IDisposable
{
    private static readonly SnapshotId Five = Jobs.Snapshot(5);
    private static readonly Rank Zero = new(0);

    private readonly HostBench _host;
    private readonly Replicator _replicator;
    private readonly RestoreLog _restores;
    private readonly DirectiveRunner _runner;

    public DirectiveRunnerTests()
        : this(new HostBench())
    {
    }

    private DirectiveRunnerTests(HostBench host)
    {
        _host = host;
        _replicator = new Replicator(_host.Memory, _host.State, _host.Links);
        _restores = new RestoreLog(_host.Time);
        _runner = new DirectiveRunner(_host.Job, Jobs.Host(0), _host.State, _host.Ports, _replicator, _restores, _host.Time, _host.Log);
        _host.Launch(new HostLoop("Carrying out directives", _runner.CarryOutAsync) { Failed = _runner.OnFailed, Pause = DirectiveRunner.RetryDelay });
    }

    public void Dispose()
    {
        _host.Dispose();
        _runner.Dispose();
    }

    /// <summary>The epoch floor comes first: from then on, nothing of an earlier epoch reaches a slot, however long the trainers take to stop.</summary>
    [Fact]
    public void Halt_RaisesTheFloor_StopsSending_StopsTrainers_AndJoinsTheRun()
    {
        RunEpoch(1, restore: null);
        _host.TakeJournal();

        Take(_host.Directive(DirectiveStep.Halt, epoch: 2));

        Assert.Equal(
            ["memory has epoch floor 2", "link 0 to h1 begins epoch 2", "trainers before epoch 2 stop", "memory joins run 9"], _host.Journal);
        Assert.Equal(HostBench.Version(2, DirectiveStep.Halt), _host.State.Done);
    }

    [Fact]
    public void Halt_TrainersStillCapture_IsDoneWhenTheyHaveStopped()
    {
        var stopped = new TaskCompletionSource();
        _host.Trainers.Stopped = stopped.Task;

        Take(_host.Directive(DirectiveStep.Halt));
        _host.RunFor(5_000);
        Assert.Equal(default, _host.State.Done);

        _host.Run(stopped.SetResult);
        Assert.Equal(HostBench.Version(1, DirectiveStep.Halt), _host.State.Done);
    }

    [Fact]
    public void Halt_ANewerEpochBegins_TheOldWorkEndsAtOnce()
    {
        _host.Trainers.Stopped = new TaskCompletionSource().Task;
        Take(_host.Directive(DirectiveStep.Halt));
        _host.Trainers.Stopped = Task.CompletedTask;

        Take(_host.Directive(DirectiveStep.Halt, epoch: 2));

        Assert.Equal(HostBench.Version(2, DirectiveStep.Halt), _host.State.Done);
        Assert.Null(_host.State.Problem);
    }

    /// <summary>The root agent sends its directive again with every answer.</summary>
    [Fact]
    public void Halt_Again_DoesNothing()
    {
        Take(_host.Directive(DirectiveStep.Halt));
        _host.TakeJournal();

        Take(_host.Directive(DirectiveStep.Halt));
        _host.RunFor(1_000);

        Assert.Empty(_host.Journal);
    }

    /// <summary>Each step also does what the earlier steps left undone, so a host may miss a directive.</summary>
    [Fact]
    public void Prepare_WithoutHalt_HaltsFirst()
    {
        Take(_host.Directive(DirectiveStep.Prepare));

        Assert.Equal(["memory has epoch floor 1", "trainers before epoch 1 stop", "memory joins run 9"], _host.Journal.Take(3));
        Assert.Equal(HostBench.Version(1, DirectiveStep.Prepare), _host.State.Done);
    }

    [Fact]
    public void Prepare_AStartFromTheBeginning_DiscardsEveryCopy_AndRecordsThatNothingWasRestored()
    {
        Take(_host.Directive(DirectiveStep.Halt));
        _host.TakeJournal();

        Take(_host.Directive(DirectiveStep.Prepare));

        Assert.Equal(
            [
                "trainers get position 0", "memory makes shard 0 as Own", "memory makes shard 1 as Held", "storage makes 1 staging buffers",
                "memory discards everything", "path to h1 at h1:1 is measured", "link 0 to h1 begins epoch 1",
            ],
            _host.Journal);
        Assert.Equal((Zero, CopySource.None, 0L), Restored());
        Assert.Equal([Jobs.Host(1)], _replicator.Paths.Select(path => path.Holder));
    }

    [Fact]
    public void Prepare_OfAStandby_GivesItsTrainersNoPosition_AndTouchesNoCopy()
    {
        Take(new HostDirective { Version = HostBench.Version(1, DirectiveStep.Prepare), Run = HostBench.TheRun });

        Assert.Equal(
            ["memory has epoch floor 1", "trainers before epoch 1 stop", "memory joins run 9", "trainers get position none", "storage makes 0 staging buffers"],
            _host.Journal);
        Assert.Equal(HostBench.Version(1, DirectiveStep.Prepare), _host.State.Done);
        Assert.Empty(_restores.Entries);
    }

    [Fact]
    public void Prepare_OwnCopyIsWhole_IsUsed_AndNobodyIsAsked()
    {
        _host.Hold(Five, 0);

        Take(_host.Directive(DirectiveStep.Prepare, epoch: 2, Five, 0, 1));

        Assert.Equal((Zero, CopySource.Local, 1000L), Restored());
        Assert.Empty(_host.Copies.Asked);
        Assert.Contains("memory discards what is newer than 5@1", _host.Journal);
    }

    [Fact]
    public void Prepare_OwnCopyIsRotten_IsDiscarded_AndFetchedFromTheNextSource()
    {
        _host.Hold(Five, 0);
        _host.Memory.Rotten.Add(_host.Memory.Copies[0]);

        Take(_host.Directive(DirectiveStep.Prepare, epoch: 2, Five, 0, 1));

        Assert.Contains("memory discards 0 of 5@1: its bytes do not match their hashes", _host.Journal);
        Assert.Equal(["h1:1 for 0 of 5@1 in epoch 2"], _host.Copies.Asked);
        Assert.Equal((Zero, CopySource.Peer, 1000L), Restored());
        Assert.Equal(Jobs.Host(1), _restores.Entries[0].From);
    }

    /// <summary>The fetch found the copy in this host's memory, as after a fetch that a newer epoch ended in its last moment.</summary>
    [Fact]
    public void Prepare_TheFetchedCopyIsHereAlready_CountsAsLocal()
    {
        _host.Hold(Five, 0);

        Take(_host.Directive(DirectiveStep.Prepare, epoch: 2, Five, 1));

        Assert.Equal((Zero, CopySource.Local, 1000L), Restored());
    }

    /// <summary>
    /// A source that answers no is asked once. A source that cannot be reached is asked again, after 200 and after 400 ms. If the last source has
    /// failed, only another plan helps.
    /// </summary>
    [Theory]
    [InlineData(FetchResult.SourceRefused, 1, 0)]
    [InlineData(FetchResult.Corrupt, 1, 0)]
    [InlineData(FetchResult.EpochOver, 1, 0)]
    [InlineData(FetchResult.LocalRefused, 1, 0)]
    [InlineData(FetchResult.SourceFailed, 3, 600)]
    [InlineData(FetchResult.TimedOut, 3, 600)]
    public void Prepare_NoSourceGivesTheCopy_AsksForANewPlan(FetchResult answer, int rounds, int afterMilliseconds)
    {
        _host.Copies.Set("h1:1", answer);
        _host.Copies.Set("h2:1", FetchResult.SourceRefused);

        Take(_host.Directive(DirectiveStep.Prepare, epoch: 2, Five, 1, 2));
        if (afterMilliseconds > 0) _host.RunFor(afterMilliseconds - 1);
        Assert.Equal(afterMilliseconds == 0, _host.State.NeedsNewPlan == HostBench.Version(2, DirectiveStep.Prepare));
        _host.RunFor(1);

        Assert.Equal(HostBench.Version(2, DirectiveStep.Prepare), _host.State.NeedsNewPlan);
        Assert.Equal($"no source gave shard 0 of snapshot 5@1: h1 (h1:1): says {answer}; h2 (h2:1): says SourceRefused", _host.State.NewPlanReason);
        Assert.Equal(rounds + 1, _host.Copies.Asked.Count);
        Assert.Equal(HostBench.Version(2, DirectiveStep.Halt), _host.State.Done);
    }

    [Fact]
    public void Prepare_SourceCannotBeReachedOnce_IsAskedAgainAfterTheOthers()
    {
        _host.Copies.Set("h1:1", FetchResult.SourceFailed, FetchResult.Completed);
        _host.Copies.Set("h2:1", FetchResult.SourceRefused);

        Take(_host.Directive(DirectiveStep.Prepare, epoch: 2, Five, 1, 2));
        _host.RunFor(200);

        Assert.Equal(["h1:1", "h2:1", "h1:1"], _host.Copies.Asked.Select(asked => asked.Split(' ')[0]));
        Assert.Equal(HostBench.Version(2, DirectiveStep.Prepare), _host.State.Done);
        Assert.Equal(200, _restores.Entries[0].FetchMilliseconds);
    }

    /// <summary>The plan will not become better. The root agent answers with a new epoch.</summary>
    [Fact]
    public void Prepare_AsksForANewPlan_DoesNotTryAgain_UntilTheNextEpoch()
    {
        _host.Copies.Set("h1:1", FetchResult.SourceRefused, FetchResult.Completed);
        Take(_host.Directive(DirectiveStep.Prepare, epoch: 2, Five, 1));
        _host.RunFor(10_000);
        Assert.Single(_host.Copies.Asked);

        Take(_host.Directive(DirectiveStep.Prepare, epoch: 3, Five, 1));

        Assert.Equal(HostBench.Version(3, DirectiveStep.Prepare), _host.State.Done);
    }

    /// <summary>All ranks of a host look for their copies at the same time. The plan fails if one of them finds none.</summary>
    [Fact]
    public void Prepare_OneOfTwoRanksGetsNoCopy_AsksForANewPlan_AndTheOtherKeepsItsCopy()
    {
        using var host = new HostBench(ranksPerHost: 2);
        using var test = new DirectiveRunnerTests(host);
        host.Hold(Five, 1);
        host.Copies.Set("h1:1", FetchResult.SourceRefused);

        test.Take(host.Directive(DirectiveStep.Prepare, epoch: 2, Five, 0, 1));

        Assert.Equal(HostBench.Version(2, DirectiveStep.Prepare), host.State.NeedsNewPlan);
        Assert.Equal(
            "no source gave shard 0 of snapshot 5@1: this host's own copy: its bytes do not match their hashes; h1 (h1:1): says SourceRefused",
            host.State.NewPlanReason);
        Assert.Equal((new Rank(1), CopySource.Local, 1000L), test.Restored());
    }

    [Fact]
    public void Prepare_ANewerEpochBeginsDuringAFetch_TheFetchEnds()
    {
        _host.Copies.Gate = new TaskCompletionSource().Task;
        Take(_host.Directive(DirectiveStep.Prepare, epoch: 2, Five, 1));

        Take(_host.Directive(DirectiveStep.Halt, epoch: 3));

        Assert.Equal(HostBench.Version(3, DirectiveStep.Halt), _host.State.Done);
        Assert.Equal((default, null), (_host.State.NeedsNewPlan, _host.State.Problem));
    }

    [Fact]
    public void Prepare_CopyIsInStorage_IsLoadedFromThere()
    {
        Take(_host.Directive(DirectiveStep.Prepare, epoch: 2, Five));

        Assert.Contains("storage loads 0 of 5@1", _host.Journal);
        Assert.Equal((Zero, CopySource.Storage, 1000L), Restored());
    }

    [Fact]
    public void Prepare_StoredCopyIsBad_AsksForANewPlan()
    {
        _host.Storage.Answer = _ => Task.FromResult<string?>("chunk 3 does not match its hash");

        Take(_host.Directive(DirectiveStep.Prepare, epoch: 2, Five));

        Assert.Equal("storage did not give shard 0 of snapshot 5@1: chunk 3 does not match its hash", _host.State.NewPlanReason);
        Assert.Equal(HostBench.Version(2, DirectiveStep.Prepare), _host.State.NeedsNewPlan);
    }

    /// <summary>No other copy is left, so a store that is away is waited for. Meanwhile the host says what is wrong.</summary>
    [Fact]
    public void Prepare_StorageDoesNotAnswer_IsAskedAgain_AndThatIsAProblemUntilItAnswers()
    {
        var isAway = true;
        _host.Storage.Answer = _ => isAway ? Task.FromException<string?>(new IOException("the store is away")) : Task.FromResult<string?>(null);
        Take(_host.Directive(DirectiveStep.Prepare, epoch: 2, Five));
        _host.RunFor(1_000);
        Assert.Equal("the store is away", _host.State.Problem);
        Assert.Equal(default, _host.State.NeedsNewPlan);

        isAway = false;
        _host.RunFor(200);

        Assert.Null(_host.State.Problem);
        Assert.Equal(HostBench.Version(2, DirectiveStep.Prepare), _host.State.Done);
        Assert.Equal(2, _host.Journal.Count(line => line.StartsWith("storage loads", StringComparison.Ordinal)));
    }

    /// <summary>The shards that the plan keeps are those that other hosts fetch from this host.</summary>
    [Fact]
    public void Prepare_TooLittleRoom_ReleasesTheShardsThatNobodyFetches()
    {
        _host.Memory.IsFull = true;

        Take(_host.Directive(DirectiveStep.Prepare) with { Kept = [new Rank(3)] });

        Assert.Contains("memory releases all but 0 1 3", _host.Journal);
        Assert.Equal(HostBench.Version(1, DirectiveStep.Prepare), _host.State.Done);
    }

    [Fact]
    public void Prepare_RoomIsEnough_ReleasesNothing()
    {
        Take(_host.Directive(DirectiveStep.Prepare));

        Assert.DoesNotContain(_host.Journal, line => line.StartsWith("memory releases", StringComparison.Ordinal));
        Assert.Equal((2, 1000L, 0L), _host.Memory.Budget);
    }

    [Fact]
    public void Prepare_NoRoomEvenThen_IsAProblem_AndIsTriedAgain()
    {
        _host.Memory.BudgetProblem = "the shards need 3 GB more";
        Take(_host.Directive(DirectiveStep.Prepare));
        Assert.Equal("the shards need 3 GB more", _host.State.Problem);
        Assert.DoesNotContain(_host.Journal, line => line.StartsWith("memory makes", StringComparison.Ordinal));

        _host.Memory.BudgetProblem = null;
        _host.RunFor(200);

        Assert.Equal((null, HostBench.Version(1, DirectiveStep.Prepare)), (_host.State.Problem, _host.State.Done));
    }

    [Fact]
    public void Run_ReleasesWhatThePositionDoesNotNeed_AndPreparesNothingAgain()
    {
        RunEpoch(1, restore: null, upTo: DirectiveStep.Prepare);
        _host.TakeJournal();

        Take(_host.Directive(DirectiveStep.Run));

        Assert.Equal(["memory releases all but 0 1"], _host.TakeJournal().Distinct());
    }

    /// <summary>A report that the host runs, with a trainer that still waits, would look like a trainer that died and restarted.</summary>
    [Fact]
    public void Run_IsDoneOnlyWhenEveryTrainerLoads()
    {
        _host.Hold(Five, 0);
        RunEpoch(2, Five, upTo: DirectiveStep.Run, sources: [0]);
        Assert.Equal(HostBench.Version(2, DirectiveStep.Prepare), _host.State.Done);
        var point = _host.State.HandRestorePoint(Zero, after: new Epoch(1), processId: 7)!;
        Assert.Equal((new Epoch(2), Five, _host.Memory.Copies[0].Hash, 1), (point.Epoch, point.Snapshot, point.Hash, point.LoadSlot));
        Assert.Equal(["0.a", "0.b"], point.Slots);
        Assert.Equal(["ring:0", "ring:1", "ring:2", "ring:3"], point.RingEndpoints);

        _host.State.MarkLoading(Zero, new Epoch(2));
        _host.Run(() => _runner.Wake(newEpoch: false));

        Assert.Equal(HostBench.Version(2, DirectiveStep.Run), _host.State.Done);
    }

    [Fact]
    public void Run_TwoRanks_IsDoneWhenBothLoad()
    {
        using var host = new HostBench(ranksPerHost: 2);
        using var test = new DirectiveRunnerTests(host);
        test.RunEpoch(1, restore: null);

        host.State.MarkLoading(Zero, new Epoch(1));
        host.RunFor(1_000);
        Assert.Equal(HostBench.Version(1, DirectiveStep.Prepare), host.State.Done);

        host.State.MarkLoading(new Rank(1), new Epoch(1));
        host.RunFor(200);
        Assert.Equal(HostBench.Version(1, DirectiveStep.Run), host.State.Done);
    }

    /// <summary>A fetch that a newer epoch ended writes until its last read has returned. So no trainer gets the slots before that.</summary>
    [Fact]
    public void Run_ASlotIsStillBeingReceived_NoTrainerGetsTheSlots()
    {
        _host.Memory.Receiving.Add(Zero);
        RunEpoch(1, restore: null);
        Assert.Null(_host.State.HandRestorePoint(Zero, default, processId: 7));

        _host.Memory.Receiving.Clear();
        _host.RunFor(200);

        Assert.NotNull(_host.State.HandRestorePoint(Zero, default, processId: 7));
    }

    /// <summary>If the rank loads already, the copy has been read or will be refused by the trainer itself.</summary>
    [Theory]
    [InlineData(false, DirectiveStep.Run)]
    [InlineData(true, DirectiveStep.None)]
    public void Run_ThePreparedCopyIsGone_AsksForANewPlan_UnlessTheTrainerLoadsAlready(bool isLoading, DirectiveStep needsNewPlan)
    {
        _host.Hold(Five, 0);
        RunEpoch(2, Five, upTo: DirectiveStep.Prepare, sources: [0]);
        _host.Memory.Copies.Clear();
        if (isLoading) _host.State.MarkLoading(Zero, new Epoch(2));

        Take(_host.Directive(DirectiveStep.Run, epoch: 2, Five, 0));

        Assert.Equal(needsNewPlan, _host.State.NeedsNewPlan.Step);
        Assert.Equal(isLoading, _host.State.Done == HostBench.Version(2, DirectiveStep.Run));
        Assert.Equal(isLoading, _host.State.HandRestorePoint(Zero, default, processId: 7) is not null);
    }

    /// <summary>
    /// This silo started while the epoch already ran, so its trainers are in the middle of the epoch. The silo takes them over: it stops nobody,
    /// discards nothing, and sends no new trainer into the epoch.
    /// </summary>
    [Theory]
    [InlineData(DirectiveStep.Run)]
    [InlineData(DirectiveStep.Complete)]
    public void JoinsLate_TakesOverItsTrainers_AndIsDoneAtOnce(DirectiveStep step)
    {
        _host.Hold(Five, 0);

        Take(_host.Directive(step, epoch: 2, Five, 0));

        Assert.Equal(
            [
                "memory joins run 9", "memory has epoch floor 2", "trainers get position 0", "memory makes shard 0 as Own", "memory makes shard 1 as Held",
                "storage makes 1 staging buffers", "trainers of epoch 2 continue", "link 0 to h1 begins epoch 2",
                "link 0 to h1 gets 5@1 in epoch 2 and keeps 5", "memory releases all but 0 1",
                .. step == DirectiveStep.Complete ? ImmutableArray.Create("trainers rest in epoch 2") : [],
            ],
            _host.Journal);
        Assert.Equal(HostBench.Version(2, step), _host.State.Done);
        Assert.Null(_host.State.HandRestorePoint(Zero, default, processId: 7));
        Assert.Empty(_restores.Entries);
    }

    [Fact]
    public void JoinsLate_ThenANewEpochBegins_HaltsAndPreparesAsUsual()
    {
        Take(_host.Directive(DirectiveStep.Run));

        RunEpoch(2, restore: null);

        Assert.Contains("trainers before epoch 2 stop", _host.Journal);
        Assert.NotNull(_host.State.HandRestorePoint(Zero, default, processId: 7));
    }

    [Fact]
    public void Complete_TrainersRest_AndNoTrainerIsWaitedFor()
    {
        RunEpoch(1, restore: null);
        _host.TakeJournal();

        Take(_host.Directive(DirectiveStep.Complete));

        Assert.Equal(["memory releases all but 0 1", "trainers rest in epoch 1"], _host.Journal);
        Assert.Equal(HostBench.Version(1, DirectiveStep.Complete), _host.State.Done);
    }

    [Fact]
    public void EveryStep_WhenDone_IsSaidInTheLog()
    {
        RunEpoch(1, restore: null, upTo: DirectiveStep.Prepare);

        Assert.Equal(["Directive 1.Halt done in 0.0 ms", "Directive 1.Prepare done in 0.0 ms"], _host.Log.All);
    }

    private (Rank Rank, CopySource Source, long Bytes) Restored()
    {
        var entry = Assert.Single(_restores.Entries);
        return (entry.Rank, entry.Source, entry.Bytes);
    }

    private void RunEpoch(long epoch, SnapshotId? restore, DirectiveStep upTo = DirectiveStep.Run, params int[] sources)
    {
        for (var step = DirectiveStep.Halt; step <= upTo; step++) Take(_host.Directive(step, epoch, restore, sources));
    }

    private void Take(HostDirective directive)
    {
        var isNewEpoch = directive.Version.Epoch > _host.State.Directive.Version.Epoch;
        _host.State.Take(directive);
        _host.Run(() => _runner.Wake(isNewEpoch));
    }
}
