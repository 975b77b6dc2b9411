using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Trainers;
using static Gemini.Silo.Trainers.TrainerEvent;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>Lives of a trainer without a process and without real time.</summary>
public sealed class TrainerLifeTests
{
    private static readonly Looked Nothing = new();
    private static readonly Looked Gone = new(HasEnded: true, ExitCode: 3, IsLockHeld: false);
    private static readonly Looked KilledAndGone = new(HasEnded: true, ExitCode: TrainerExitCode.Killed, IsLockHeld: false);
    private static readonly Looked Lingers = new(IsLockHeld: true);
    private static readonly Looked LockIsFree = new(IsLockHeld: false);

    private static readonly Looked LeftWell = new(HasEnded: true, ExitCode: 0, IsLockHeld: false);

    private static readonly TrainerEvent[] Marks =
    [
        new Joined(new Rank(1)), new Declared(5), new Asked(), new Handed(new Epoch(9)), new Loaded(new Epoch(9), new Iteration(4)), new Captured(new Iteration(50)),
    ];

    private readonly LifeOf _life = new();

    [Fact]
    public void ProcessIsGoneButTheLockIsHeld_NothingIsStarted()
    {
        _life.Trains().On(new HungUp(HasLeft: true), new Looked(HasEnded: true, ExitCode: 0, IsLockHeld: true));
        Assert.Equal((TrainerPhase.Leaving, TrainerState.Exited), (_life.Now.Phase, _life.Now.Report.State));
        _life.On(new Looked(HasEnded: true, ExitCode: 0, IsLockHeld: false));
        Assert.Equal(TrainerPhase.Judging, _life.Now.Phase);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(134, true)]
    [InlineData(137, false)]
    [InlineData(143, false)]
    public void Ends_ItsExitCodeSaysHow(int exitCode, bool isItsFault)
    {
        _life.Starts().On(new Looked(HasEnded: true), new Looked(HasEnded: true, ExitCode: exitCode, IsLockHeld: false));
        Concluded(exitCode, isItsFault ? TrainerEnd.OwnFault : TrainerEnd.KilledFromOutside);
    }

    [Fact]
    public void StepFinished_ThenDead_TheConclusionSaysSo()
    {
        _life.Trains().On(new Said(new TrainerStep(2, 9, 1, 10)), new HungUp(HasLeft: true), Gone);
        Concluded(3, TrainerEnd.OwnFault, hasStepped: true);
    }

    [Fact]
    public void NoHelloInTime_IsAHang()
    {
        _life.Starts().PassToDeadline(Nothing);
        Assert.Equal(TimeSpan.FromHours(1) + LifeOf.Options.StartLimit + TimeSpan.FromTicks(1), _life.Time);
        Assert.Equal(new LoopAction.Kill("it said no hello in time"), Assert.Single(_life.LastActions));
        _life.On(KilledAndGone);
        Concluded(TrainerExitCode.Killed, TrainerEnd.Hung, hang: "it said no hello in time");
    }

    /// <summary>The process takes long to release its memory, so the host's kill comes second.</summary>
    [Fact]
    public void KilledFromOutside_LingersUntilTheHostKillsItToo_IsNoHang()
    {
        _life.Trains().On(new Signalled(LifeOf.ProcessId)).PassToDeadline(Lingers);
        Assert.Equal("it did not exit after its connection ended", _life.Now.KillReason);
        _life.On(new HungUp(HasLeft: true), KilledAndGone);
        Concluded(TrainerExitCode.Killed, TrainerEnd.KilledFromOutside);
    }

    [Fact]
    public void KilledByTheHost_TheKernelsFlagsShowItLater_IsAHang()
    {
        _life.Trains().On(new KillAsked("it did not stop"), new Signalled(LifeOf.ProcessId), new HungUp(HasLeft: true), KilledAndGone);
        Concluded(TrainerExitCode.Killed, TrainerEnd.Hung, hang: "it did not stop");
    }

    [Fact]
    public void Killed_ConnectsAnew_DoesNotLiveAgain()
    {
        _life.Trains().On(new KillAsked("it did not stop"), new HungUp(HasLeft: false), LifeOf.SaysHello());
        Assert.Equal((TrainerPhase.Leaving, TrainerState.Exited), (_life.Now.Phase, _life.Now.Report.State));
    }

    [Fact]
    public void ConnectionEnds_ConnectsAnew_LivesOn()
    {
        _life.Trains().On(new HungUp(HasLeft: true), Lingers, LifeOf.SaysHello());
        Assert.Equal((TrainerPhase.Living, TrainerState.Training), (_life.Now.Phase, _life.Now.Report.State));
        _life.Pass(TimeSpan.FromDays(1)).On(Nothing);
        Assert.Equal(TrainerPhase.Living, _life.Now.Phase);
    }

    [Fact]
    public void LineThatIsNoMessage_ItMayConnectAnewForAWhile()
    {
        _life.Trains().On(new HungUp(HasLeft: false));
        Assert.Equal((TrainerPhase.Living, _life.Time + LifeOf.Options.AdoptionLimit), (_life.Now.Phase, _life.Now.Deadline));
        _life.PassToDeadline(Nothing);
        Assert.Equal("it said no hello in time", _life.Now.KillReason);
    }

    [Fact]
    public void CannotBeKilled_IsSaidAndTriedAgain_UntilItIsGone()
    {
        _life.Trains().On(new KillAsked("it did not stop"));
        for (var tries = 0; tries < 3; tries++)
        {
            _life.PassToDeadline(Lingers);
            Assert.Equal(new LoopAction.KillAgain(LifeOf.ProcessId), Assert.Single(_life.LastActions));
        }

        _life.On(new HungUp(HasLeft: true), KilledAndGone);
        Assert.Equal(TrainerPhase.Judging, _life.Now.Phase);
    }

    [Fact]
    public void Gone_ItsLastLinesAreRead()
    {
        _life.Trains().On(new Looked(HasEnded: true), new Looked(HasEnded: true, ExitCode: 0, IsLockHeld: false));
        Assert.Equal(TrainerPhase.Draining, _life.Now.Phase);
        _life.On(new Said(new TrainerFinished(2, 100)), new HungUp(HasLeft: true), new Looked(HasEnded: true, ExitCode: 0));
        Assert.Equal(TrainerPhase.Resting, _life.Now.Phase);
    }

    [Fact]
    public void Gone_ItsConnectionDoesNotEnd_IsClosed()
    {
        _life.Trains().On(new Looked(HasEnded: true), Gone).PassToDeadline(new Looked(HasEnded: true, ExitCode: 3));
        Assert.Equal(TrainerPhase.Judging, _life.Now.Phase);
        Assert.Contains(new TrainerAction.HangUp(), _life.LastActions);
    }

    [Fact]
    public void Finished_RestsUntilALaterEpochBegins()
    {
        _life.Trains().On(new Said(new TrainerFinished(2, 100)), new HungUp(HasLeft: true), new Looked(HasEnded: true, ExitCode: 0, IsLockHeld: false));
        Assert.Equal((TrainerPhase.Resting, TrainerState.Finished), (_life.Now.Phase, _life.Now.Report.State));
        _life.On(new StopAsked(new Epoch(2)));
        Assert.Equal(TrainerPhase.Resting, _life.Now.Phase);
        _life.On(new StopAsked(new Epoch(3)));
        Assert.Equal(TrainerPhase.Beginning, _life.Now.Phase);
    }

    [Fact]
    public void Finished_EndsWithAnError_IsStartedAgain()
    {
        _life.Trains().On(new Said(new TrainerFinished(2, 100)), new HungUp(HasLeft: true), Gone);
        Assert.Equal((TrainerPhase.Judging, TrainerState.Exited), (_life.Now.Phase, _life.Now.Report.State));
    }

    [Fact]
    public void JobIsFinished_ComesUpAllTheSame_AndLeaves()
    {
        _life.On(new EpochRuns(new Epoch(4)), new JobFinished(new Epoch(4))).Starts().On(LifeOf.SaysHello(epoch: 0));
        Assert.Equal(["Watch", "TellStop", "TellExit"], _life.LastActions.Select(LifeOf.Name));
        _life.On(new HungUp(HasLeft: true), new Looked(HasEnded: true, ExitCode: 0, IsLockHeld: false));
        Assert.Equal(TrainerPhase.Resting, _life.Now.Phase);
        _life.On(new EpochRuns(new Epoch(5)));
        Assert.Equal(TrainerPhase.Beginning, _life.Now.Phase);
    }

    [Fact]
    public void Dismissed_CountsForNothing()
    {
        _life.Trains().On(new Joined(new Rank(1)), new RankNeeded(new Rank(2)));
        Assert.Equal("TellExit", LifeOf.Name(Assert.Single(_life.LastActions)));
        _life.On(new RankNeeded(new Rank(3)));
        Assert.Empty(_life.LastActions);
        _life.On(new HungUp(HasLeft: true), Gone);
        Concluded(3, TrainerEnd.Dismissed);
    }

    /// <summary>The socket is opened before the loop looks at the lock.</summary>
    [Fact]
    public void HelloBeforeTheFirstLook_WhatItSaidCounts()
    {
        _life.On(LifeOf.SaysHello(epoch: 2));
        Assert.False(_life.Now.HasStopped(new Epoch(3)));
        _life.On(new StopAsked(new Epoch(3)), new Said(new TrainerStopped(3)), new Looked(IsLockHeld: true, Holder: LifeOf.ProcessId));
        Assert.Equal((TrainerPhase.Living, TrainerState.Waiting), (_life.Now.Phase, _life.Now.Report.State));
        Assert.True(_life.Now.HasStopped(new Epoch(3)));
        _life.Pass(LifeOf.Options.ReturnFloor + TimeSpan.FromTicks(1)).On(Nothing);
        Assert.Equal("it stopped, but its training loop did not come back within 10 s", _life.Now.KillReason);
    }

    [Fact]
    public void HelloBeforeTheFirstLook_OfAnotherProgram_IsDismissedAndCountsForNothing()
    {
        var other = new Hello(FakeTrainer.Hello(LifeOf.ProcessId, 2) with { Program = "another" }, []);
        _life.On(other, new Looked(IsLockHeld: true, Holder: LifeOf.ProcessId), new HungUp(HasLeft: true), LockIsFree);
        Concluded(null, TrainerEnd.Dismissed);
    }

    [Fact]
    public void Stop_ItKnowsNoEpoch_ItIsNotWaitedFor()
    {
        Assert.True(_life.Starts().Now.HasStopped(new Epoch(3)));
        Assert.False(_life.On(LifeOf.SaysHello()).Now.HasStopped(new Epoch(3)));
        Assert.True(_life.On(new Said(new TrainerStopped(3))).Now.HasStopped(new Epoch(3)));
    }

    [Fact]
    public void Stop_OfAnEarlierSilosProcess_IsWaitedForUntilItIsGone()
    {
        _life.On(Lingers);
        Assert.False(_life.Now.HasStopped(new Epoch(3)));
        _life.On(new KillAsked("it did not stop"));
        Assert.False(_life.Now.HasStopped(new Epoch(3)));
        _life.On(LockIsFree);
        Assert.True(_life.Now.HasStopped(new Epoch(3)));
    }

    /// <summary>The silo has just started, and has not looked at the lock. An earlier silo may have left a trainer.</summary>
    [Fact]
    public void Stop_BeforeTheFirstLook_WaitsForTheLook()
    {
        Assert.False(_life.Now.HasStopped(new Epoch(3)));
        _life.On(LockIsFree);
        Assert.True(_life.Now.HasStopped(new Epoch(3)));
    }

    [Fact]
    public void ProcessId_IsThatOfTheTrainerThatLives()
    {
        Assert.Equal(0, _life.Now.ProcessId);
        Assert.Equal(LifeOf.ProcessId, _life.Starts().Now.ProcessId);
        Assert.Equal(LifeOf.ProcessId, _life.On(LifeOf.SaysHello()).Now.ProcessId);
        Assert.Equal(0, _life.On(new Signalled(LifeOf.ProcessId)).Now.ProcessId);
        Assert.Equal(0, _life.On(new HungUp(HasLeft: true), Gone, new Judged(TimeSpan.Zero), LockIsFree).Now.ProcessId);
        Assert.Equal(8, _life.On(new Launched(8)).Now.ProcessId);
        Assert.Equal(0, _life.On(LifeOf.SaysHello(8), new Said(new TrainerFinished(2, 100)), new HungUp(HasLeft: true), LeftWell).Now.ProcessId);
        Assert.Equal((TrainerPhase.Resting, TrainerState.Finished), (_life.Now.Phase, _life.Now.Report.State));
    }

    /// <summary>A grain call may be carried out after the death of the trainer that made it, and while the next process starts.</summary>
    [Fact]
    public void Mark_OfADeadTrainer_ChangesNothing()
    {
        _life.Trains().On(new Signalled(LifeOf.ProcessId));
        Assert.All(Marks, mark => AssertChangesNothing(mark));
        _life.On(new HungUp(HasLeft: true), Gone, new Judged(TimeSpan.Zero), LockIsFree);
        Assert.All(Marks, mark => AssertChangesNothing(mark));

        void AssertChangesNothing(TrainerEvent mark)
        {
            var before = _life.Now;
            Assert.Equal(before, _life.On(mark).Now);
        }
    }

    [Fact]
    public void StoppedAndDoesNotComeBack_IsKilledAfterTheFloor()
    {
        _life.Trains().On(new Said(new TrainerStopped(3))).Pass(LifeOf.Options.ReturnFloor).On(Nothing);
        Assert.Equal(TrainerPhase.Living, _life.Now.Phase);
        _life.Pass(TimeSpan.FromTicks(1)).On(Nothing);
        Assert.Equal("it stopped, but its training loop did not come back within 10 s", _life.Now.KillReason);
    }

    [Fact]
    public void SlowIterations_StretchTheLimit()
    {
        _life.Trains().On(new Said(new TrainerStep(2, 9, 1, 60_000)), new Said(new TrainerStopped(3))).Pass(TimeSpan.FromSeconds(300)).On(Nothing);
        Assert.Equal(TrainerPhase.Living, _life.Now.Phase);
        _life.Pass(TimeSpan.FromTicks(1)).On(Nothing);
        Assert.Equal(TrainerPhase.Leaving, _life.Now.Phase);
    }

    /// <summary>A new process uses the step times of the process before it.</summary>
    [Fact]
    public void MedianStep_IsThatOfTheNewest31_AlsoOfEarlierProcesses()
    {
        _life.Trains().On(Enumerable.Range(0, 31).Select(step => new Said(new TrainerStep(2, 9 + step, 1, step < 15 ? 1_000 : 4_000))));
        _life.On(new HungUp(HasLeft: true), Gone, new Judged(TimeSpan.Zero)).Trains().On(new Said(new TrainerStopped(3)));
        Assert.Equal(TimeSpan.FromSeconds(20), _life.Now.Dialogue.Loop.ReturnLimit);
    }

    [Fact]
    public void AsksOnceMore_AndAFurtherRecoveryFindsItWaiting_NothingIsExpectedOfIt()
    {
        _life.Trains().On(new Said(new TrainerStopped(3)), new Asked(), new Said(new TrainerStopped(4)), new Asked()).Pass(TimeSpan.FromDays(1)).On(Nothing);
        Assert.Equal(TrainerPhase.Living, _life.Now.Phase);
        _life.On(new Handed(new Epoch(4)), new Said(new TrainerStopped(5))).Pass(LifeOf.Options.ReturnFloor + TimeSpan.FromTicks(1)).On(Nothing);
        Assert.Equal(TrainerPhase.Leaving, _life.Now.Phase);
    }

    [Fact]
    public void HasNotTrainedYet_MayTakeItsTimeToComeBack()
    {
        _life.Trains(epoch: 0).On(new Said(new TrainerStopped(3))).Pass(TimeSpan.FromDays(1)).On(Nothing);
        Assert.Equal(TrainerPhase.Living, _life.Now.Phase);
    }

    /// <summary>The limit for the training loop's return continues while the trainer connects again.</summary>
    [Fact]
    public void StoppedAndConnectsAnew_MustStillComeBack()
    {
        _life.Trains().On(new Said(new TrainerStopped(3)), new HungUp(HasLeft: false), LifeOf.SaysHello()).Pass(TimeSpan.FromSeconds(11)).On(Nothing);
        Assert.Equal(TrainerPhase.Leaving, _life.Now.Phase);
    }

    [Fact]
    public void WaitsForItsFirstEpoch_IsHealthyAfterAWhile()
    {
        _life.Trains(epoch: 0).Pass(LifeOf.Options.Restart.SettleTime - TimeSpan.FromTicks(1)).On(Nothing);
        Assert.Empty(_life.LastActions);
        _life.Pass(TimeSpan.FromTicks(1)).On(Nothing);
        Assert.Equal([new TrainerAction.NoteHealthy()], _life.LastActions);
        _life.Pass(TimeSpan.FromDays(1)).On(Nothing);
        Assert.Empty(_life.LastActions);
    }

    [Fact]
    public void SpareTookOver_MustSayHelloSooner()
    {
        _life.On(LockIsFree, new Launched(8, IsSpare: true));
        Assert.Equal((TrainerState.Starting, 8, _life.Time + LifeOf.Options.AdoptionLimit), (_life.Now.Report.State, _life.Now.Report.ProcessId, _life.Now.Deadline));
    }

    [Fact]
    public void NextLook_IsAtTheFirstDeadline_AndNeverIfNothingIsExpected()
    {
        Assert.Equal(Timeout.InfiniteTimeSpan, _life.Trains().Now.NextLook(_life.Time));
        _life.On(new Said(new TrainerStopped(3)));
        Assert.Equal(LifeOf.Options.ReturnFloor + TimeSpan.FromMilliseconds(1), _life.Now.NextLook(_life.Time));
        _life.On(new HungUp(HasLeft: true));
        Assert.Equal(TimeSpan.FromMilliseconds(21), _life.Now.NextLook(_life.Time));
        Assert.Equal(TimeSpan.FromMilliseconds(1), _life.Now.NextLook(_life.Time + TimeSpan.FromDays(1)));
    }

    private void Concluded(int? exitCode, TrainerEnd end, bool hasStepped = false, string? hang = null) => Assert.Equal(
        new LoopAction.Conclude(exitCode, end, hasStepped, hang, TrainerState.Exited, IsCompleted: false), Assert.Single(_life.LastActions.OfType<LoopAction.Conclude>()));
}
