using Gemini.Grains.Hosts;
using Gemini.Interfaces;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>
/// What a host does with directives, commits and its trainers' calls. How it carries out a directive: see <see cref="DirectiveRunnerTests"/>. What it
/// reports: see <see cref="WorkerAgentReportTests"/>.
/// </summary>
public sealed class WorkerAgentTests : IDisposable
{
    private static readonly Rank Zero = new(0);
    private static readonly SnapshotId Five = Jobs.Snapshot(5);

    private readonly HostBench _host = new();
    private readonly AgentOnBench _agent;

    public WorkerAgentTests() => _agent = new AgentOnBench(_host);

    private WorkerAgent Agent => _agent.Agent;

    public void Dispose() => _agent.Dispose();

    [Fact]
    public void Directive_IsCarriedOut_WhetherItIsSentOrIsTheAnswerToAReport()
    {
        _agent.Start();
        _agent.Direct(_host.Directive(DirectiveStep.Halt));
        Assert.Equal(HostBench.Version(1, DirectiveStep.Halt), _host.State.Done);

        _host.ControlPlane.Answer = _ => Task.FromResult(_host.Directive(DirectiveStep.Prepare));
        _host.RunFor(1_000);

        Assert.Equal(HostBench.Version(1, DirectiveStep.Prepare), _host.State.Done);
    }

    /// <summary>During a restart two silo processes of one name may live. Each obeys only what is meant for it.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(5, true)]
    [InlineData(4, false)]
    [InlineData(6, false)]
    public void Directive_ForAnotherProcessOfThisHost_IsIgnored(long incarnation, bool isObeyed)
    {
        _agent.Start();

        _agent.Direct(_host.Directive(DirectiveStep.Halt) with { Incarnation = incarnation });

        Assert.Equal(isObeyed, _host.State.Done == HostBench.Version(1, DirectiveStep.Halt));
    }

    /// <summary>A mistake of the root agent must not reach a slot.</summary>
    [Fact]
    public void Directive_ContradictsItself_IsRefusedAndNothingIsTouched()
    {
        _agent.Start();

        Assert.Throws<InvariantViolatedException>(() => _agent.Direct(_host.Directive(DirectiveStep.Halt) with { Restore = Five }));

        Assert.Empty(_host.Journal);
        Assert.Equal(default, _host.State.Directive.Version);
    }

    [Fact]
    public void Commit_IsPassedOnOnce_AndNotIntoAnotherEpoch()
    {
        _agent.RunEpoch(1);
        var wakes = _host.Storage.Wakes;

        _host.Run(() => Agent.CommitAsync(new Epoch(1), new Iteration(3)));
        _host.Run(() => Agent.CommitAsync(new Epoch(1), new Iteration(3)));
        _host.Run(() => Agent.CommitAsync(new Epoch(2), new Iteration(4)));

        Assert.Equal(["trainers learn: 3@1 is committed"], _host.Journal);
        Assert.Equal(wakes + 1, _host.Storage.Wakes);
    }

    /// <summary>The call that commits may be lost. Every directive has the newest commit.</summary>
    [Fact]
    public void Commit_InADirective_IsPassedOn()
    {
        _agent.RunEpoch(1);

        _agent.Direct(_host.Directive(DirectiveStep.Run) with { Committed = new Iteration(3) });
        _agent.Direct(_host.Directive(DirectiveStep.Run) with { Committed = new Iteration(3) });

        Assert.Equal(["trainers learn: 3@1 is committed"], _host.Journal);
    }

    /// <summary>This silo started in the middle of the epoch. Its trainers had no silo meanwhile, so they may have missed the commit.</summary>
    [Fact]
    public void Commit_OfBeforeThisSiloStarted_IsPassedOnToItsTrainers()
    {
        _agent.Start();

        _agent.Direct(_host.Directive(DirectiveStep.Run, epoch: 2, Five, 0) with { Committed = new Iteration(9) });

        Assert.Contains("trainers learn: 9@2 is committed", _host.Journal);
    }

    /// <summary>An earlier silo told them, and then all who knew of the commit died. They may have overwritten the snapshot before it.</summary>
    [Fact]
    public void Commit_ThatOnlyATrainerKnows_IsLearnt()
    {
        _agent.RunEpoch(1);

        _host.Run(() => _host.Trainers.Tell(Trainer() with { Epoch = new Epoch(1), Committed = new Iteration(3) }));

        Assert.Equal(new Iteration(3), _host.State.Committed);
        Assert.Equal(new Iteration(3), _agent.LastReport.Committed);
    }

    /// <summary>A rank that skipped the iteration never captures it: nobody waits for the copies any more, and their slots are used again.</summary>
    [Fact]
    public void Abandon_IsNoLongerSent_AndTrainersLearnIt_AlsoTheSecondTime()
    {
        _agent.RunEpoch(1);

        for (var time = 0; time < 2; time++) _host.Run(() => Agent.AbandonAsync(new Epoch(1), new Iteration(4)));

        string[] once = ["link 0 to h1 no longer gets 4@1", "trainers learn: 4@1 is abandoned"];
        Assert.Equal([.. once, .. once], _host.Journal);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    public void Abandon_CommittedOrOfAnotherEpoch_IsIgnored(long epoch, long iteration)
    {
        _agent.RunEpoch(1);
        _host.Run(() => Agent.CommitAsync(new Epoch(1), new Iteration(3)));
        _host.TakeJournal();

        _host.Run(() => Agent.AbandonAsync(new Epoch(epoch), new Iteration(iteration)));

        Assert.Empty(_host.Journal);
    }

    [Fact]
    public void Abandon_InADirective_IsPassedOnOncePerIteration()
    {
        _agent.RunEpoch(1);

        foreach (var iteration in new[] { 4, 4, 6 }) _agent.Direct(_host.Directive(DirectiveStep.Run) with { Abandoned = new Iteration(iteration) });

        Assert.Equal(
            ["trainers learn: 4@1 is abandoned", "trainers learn: 6@1 is abandoned"],
            _host.Journal.Where(line => line.StartsWith("trainers", StringComparison.Ordinal)));
    }

    /// <summary>Trainers of this epoch do not wait for a snapshot of an earlier one.</summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(0, false)]
    public void Persisted_IsPassedOn_IfItIsOfThisEpoch(long epoch, bool isPassedOn)
    {
        _agent.RunEpoch(1);

        _agent.Direct(_host.Directive(DirectiveStep.Run) with { Persisted = Jobs.Snapshot(5, epoch) });

        string[] told = isPassedOn ? ["trainers learn: 5@1 is in storage"] : [];
        Assert.Equal(told, _host.Journal);
    }

    [Fact]
    public void Join_OfAPosition_TellsTheRank()
    {
        _agent.RunEpoch(1);

        var membership = _agent.Ask(() => Agent.JoinAsync(0)).Value!;

        Assert.Equal((Zero, 4, Jobs.Host(0)), (membership.Rank, membership.WorldSize, membership.Host));
        Assert.Equal(["trainers get position 0", "rank 0 has joined"], _host.Journal);
    }

    /// <summary>A standby's trainer waits two seconds for a position. Then it asks again.</summary>
    [Fact]
    public void Join_OnAStandby_WaitsForAPosition()
    {
        _agent.Start();
        var first = _agent.Ask(() => Agent.JoinAsync(0));
        _host.RunFor(1_999);
        Assert.False(first.HasCome);
        _host.RunFor(1);
        Assert.Null(first.Value);

        var second = _agent.Ask(() => Agent.JoinAsync(0));
        _agent.Direct(_host.Directive(DirectiveStep.Halt));

        Assert.Equal(Zero, second.Value!.Rank);
    }

    [Fact]
    public void RestorePoint_IsGivenWhenTheEpochRuns_AndTheHostHasThenDoneItsPart()
    {
        _agent.RunEpoch(1, DirectiveStep.Prepare);
        _host.Trainers.Processes[Zero] = 70;
        var asked = _agent.Ask(() => Agent.GetRestorePointAsync(Zero, after: default));
        Assert.False(asked.HasCome);

        _agent.Direct(_host.Directive(DirectiveStep.Run));

        Assert.Equal(new Epoch(1), asked.Value!.Epoch);
        Assert.Equal(HostBench.Version(1, DirectiveStep.Run), _host.State.Done);
        Assert.Equal(["rank 0 asks", "rank 0 loads for epoch 1"], _host.Journal.Where(line => line.StartsWith("rank", StringComparison.Ordinal)));
    }

    [Fact]
    public void RestorePoint_TheProcessThatAskedHasDied_IsGivenToTheOneThatTakesItsPlace()
    {
        _agent.RunEpoch(1);
        _host.Trainers.Processes[Zero] = 0;
        var late = _agent.Ask(() => Agent.GetRestorePointAsync(Zero, after: default));
        _host.RunFor(2_000);
        Assert.Null(late.Value);
        Assert.DoesNotContain("rank 0 loads for epoch 1", _host.Journal);

        _host.Trainers.Processes[Zero] = 71;

        Assert.NotNull(_agent.Ask(() => Agent.GetRestorePointAsync(Zero, after: default)).Value);
    }

    /// <summary>
    /// The same process gets its point again, because the answer may have been lost. A process that took its place gets none: the other ranks are past
    /// the restore point, so it waits for the next epoch.
    /// </summary>
    [Theory]
    [InlineData(70, 0, true)]
    [InlineData(71, 0, false)]
    [InlineData(70, 1, false)]
    public void RestorePoint_Again_OnlyForTheSameProcess_AndOnlyForALaterEpoch(int processId, long after, bool isGiven)
    {
        _agent.RunEpoch(1);
        _host.Trainers.Processes[Zero] = 70;
        Assert.NotNull(_agent.Ask(() => Agent.GetRestorePointAsync(Zero, after: default)).Value);

        _host.Trainers.Processes[Zero] = processId;
        var again = _agent.Ask(() => Agent.GetRestorePointAsync(Zero, new Epoch(after)));
        _host.RunFor(2_000);

        Assert.Equal(isGiven, again.Value is not null);
    }

    /// <summary>The iteration that it resumes from comes from the plan. A trainer that loaded for an epoch that is over counts for nothing.</summary>
    [Fact]
    public void Loaded_IsMarkedWithTheRestoredIteration_AndOnlyInThisEpoch()
    {
        _host.Hold(Five, 0);
        _agent.RunEpoch(2, Five, 0);
        _agent.Ask(() => Agent.GetRestorePointAsync(Zero, after: default));
        _host.RunFor(300);
        _host.TakeJournal();

        _host.Run(() => Agent.LoadedAsync(Zero, new Epoch(1)));
        Assert.Empty(_host.Journal);
        Assert.Equal(0, _agent.Report().Restored[0].LoadMilliseconds);
        _host.Run(() => Agent.LoadedAsync(Zero, new Epoch(2)));

        Assert.Equal(["rank 0 has loaded 5 in epoch 2"], _host.Journal);
        Assert.Equal(300, _agent.Report().Restored[0].LoadMilliseconds);
    }

    /// <summary>
    /// A trainer refused its copy. If the copy is whole, it is of another training state, and so is every other copy: to discard them would lose the
    /// job because of one wrong option. Only a stored snapshot that is whole is refused for good, because an older one may fit.
    /// </summary>
    [Theory]
    [InlineData(true, false, false, false)]
    [InlineData(false, false, true, false)]
    [InlineData(true, true, true, true)]
    [InlineData(false, true, true, false)]
    public void RejectCopy_DiscardsIt_UnlessItIsWholeAndFromMemory(bool isWhole, bool isInStorage, bool isDiscarded, bool isRefusedForGood)
    {
        _host.Hold(Five, 0);
        _agent.RunEpoch(2, Five, isInStorage ? [] : [0]);
        if (!isWhole) _host.Memory.Rotten.Add(_host.Memory.Copies[0]);
        _host.TakeJournal();

        var answer = _agent.Ask(() => Agent.RejectCopyAsync(Zero, new Epoch(2), Five, "it is of another model"));

        Assert.Equal(isDiscarded, answer.Value);
        Assert.Equal(isDiscarded, _host.Journal.Contains("memory discards 0 of 5@1: it is of another model"));
        Assert.Equal(isRefusedForGood, _host.Journal.Contains("storage no longer offers 5@1: it is of another model"));
        var wish = isDiscarded ? "rank 0 refused its copy of snapshot 5@1: it is of another model" : "";
        Assert.Equal((isDiscarded ? HostBench.Version(2, DirectiveStep.Run) : default, wish), (_host.State.NeedsNewPlan, _host.State.NewPlanReason));
        Assert.Contains("Rank 0 refused its copy of snapshot 5@1: it is of another model", _host.Log.All);
    }

    [Fact]
    public void CaptureBegins_IsOfferedToTheHolders()
    {
        _agent.RunEpoch(1);

        _host.Run(() => _host.Trainers.BeginCapture(Zero, Jobs.Snapshot(1)));

        Assert.Equal(["link 0 to h1 gets 1@1 in epoch 1 and keeps 0"], _host.Journal);
    }

    [Fact]
    public void Seal_IsMarked_Offered_Announced_AndStorageLooks()
    {
        _agent.RunEpoch(1);
        var wakes = _host.Storage.Wakes;
        _host.Hold(Jobs.Snapshot(1), 0);

        _host.Run(() => Agent.SealAsync(Zero, Jobs.Snapshot(1), new ContentHash(1)));

        Assert.Equal(["rank 0 has captured 1", "link 0 to h1 gets 1@1 in epoch 1 and keeps 0"], _host.Journal);
        Assert.Equal("group 0, position 0, epoch 1: 0:1@1", _host.ControlPlane.Announcements[^1].Text);
        Assert.Equal(wakes + 1, _host.Storage.Wakes);
    }

    [Fact]
    public void CopyFromAPeer_IsAnnouncedAtOnce()
    {
        _agent.RunEpoch(1);

        _host.Run(() => _host.Memory.Seal(Jobs.Replica(1, Jobs.Snapshot(1))));

        Assert.Equal((_host.Now, "group 0, position 0, epoch 1: 1:1@1"), _host.ControlPlane.Announcements[^1]);
    }

    [Fact]
    public void Skip_IsMarkedAndAnnounced()
    {
        _agent.RunEpoch(1);

        _host.Run(() => Agent.SkipAsync(Zero, Jobs.Snapshot(7)));

        Assert.Equal(["rank 0 has skipped a save"], _host.Journal);
        Assert.EndsWith("skipped 7", _host.ControlPlane.Announcements[^1].Text, StringComparison.Ordinal);
    }

    /// <summary>A trainer that has not noticed that its epoch is over.</summary>
    [Fact]
    public void SealOrSkip_OfAnotherEpoch_IsIgnored()
    {
        _agent.RunEpoch(2);
        var announced = _host.ControlPlane.Announcements.Count;

        _host.Run(() => Agent.SealAsync(Zero, Jobs.Snapshot(1, epoch: 1), new ContentHash(1)));
        _host.Run(() => Agent.SkipAsync(Zero, Jobs.Snapshot(1, epoch: 3)));

        Assert.Empty(_host.Journal);
        Assert.Equal(announced, _host.ControlPlane.Announcements.Count);
    }

    /// <summary>
    /// A baseline's trainer stops until its snapshot is copied for storage. Any other snapshot, or any other epoch, holds nobody up.
    /// </summary>
    [Theory]
    [InlineData(7, null, true)]
    [InlineData(7, PersistStage.Waiting, true)]
    [InlineData(7, PersistStage.Staged, false)]
    [InlineData(7, PersistStage.Missed, false)]
    [InlineData(8, null, false)]
    public void Staged_WaitsWhileTheSnapshotForStorageIsNotCopied(long persisted, PersistStage? stage, bool waits)
    {
        _agent.RunEpoch(1);
        _agent.Direct(_host.Directive(DirectiveStep.Run) with { Persist = new PersistDirective { Snapshot = Jobs.Snapshot(persisted) } });
        if (stage is { } known) _host.Run(() => _host.Storage.Tell(new PersistReport { Snapshot = Jobs.Snapshot(7), Stage = known }));

        var staged = _agent.Ask(() => Agent.StagedAsync(Jobs.Snapshot(7)));

        Assert.Equal(waits, !staged.HasCome);
        if (!waits) Assert.True(staged.Value);
    }

    [Fact]
    public void Staged_AnswersWhenTheCopyIsMade_OrThatItIsNotMadeYetAfterTwoSeconds()
    {
        _agent.RunEpoch(1);
        _agent.Direct(_host.Directive(DirectiveStep.Run) with { Persist = new PersistDirective { Snapshot = Jobs.Snapshot(7) } });
        var first = _agent.Ask(() => Agent.StagedAsync(Jobs.Snapshot(7)));
        _host.RunFor(2_000);
        Assert.False(first.Value);

        var second = _agent.Ask(() => Agent.StagedAsync(Jobs.Snapshot(7)));
        _host.Run(() => _host.Storage.Tell(new PersistReport { Snapshot = Jobs.Snapshot(7), Stage = PersistStage.Staged }));

        Assert.True(second.Value);
    }

    [Fact]
    public void Guests_AreTakenInWhenTheDirectiveNamesThem()
    {
        _agent.Start();

        var guest = new GuestCopy(Jobs.Replica(3, Five), [Jobs.Host(2)]);
        _agent.Direct(_host.Directive(DirectiveStep.Halt, epoch: 2));
        _agent.Direct(_host.Directive(DirectiveStep.Halt, epoch: 2) with { Guests = [guest] });

        Assert.Equal(["h2:1 for 3 of 5@1 in epoch 2"], _host.Copies.Asked);
    }

    [Fact]
    public void Dispose_EndsAllSending()
    {
        _agent.RunEpoch(1);

        _host.Run(() => Agent.DisposeAsync().AsTask());

        Assert.Equal(["link 0 to h1 ends"], _host.Journal);
    }

    private static TrainerReport Trainer() => new() { LocalIndex = 0, State = TrainerState.Training };
}
