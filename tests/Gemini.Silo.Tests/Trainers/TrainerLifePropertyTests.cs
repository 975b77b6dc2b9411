using CsCheck;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Trainers;
using static Gemini.Silo.Trainers.TrainerEvent;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>What holds in every life of a trainer, whatever happens in any order.</summary>
public sealed class TrainerLifePropertyTests
{
    private static readonly Gen<int> ProcessId = Gen.Int[7, 8];
    private static readonly Gen<Epoch> Epochs = Gen.Long[0, 5].Select(epoch => new Epoch(epoch));

    /// <summary>Also events that no silo would cause: an event may be late, or come twice.</summary>
    private static readonly Gen<TrainerEvent> AnyEvent = Gen.Frequency<TrainerEvent>(
        (6, Gen.Select(Gen.Bool, Gen.OneOf<int?>(null, 0, 3, 137), Gen.OneOf<bool?>(null, false, false, true))
            .Select((ended, code, held) => (TrainerEvent)new Looked(ended, ended ? code : null, held, held == true ? 7 : 0))),
        (3, Gen.Select(ProcessId, Gen.Bool).Select((id, isSpare) => (TrainerEvent)new Launched(id, isSpare))),
        (1, Gen.OneOf<TrainerEvent>(new LaunchFailed("no memory"), new Broke())),
        (2, Gen.Int[0, 2].Select(seconds => (TrainerEvent)new Judged(TimeSpan.FromSeconds(seconds)))),
        (1, ProcessId.Select(id => (TrainerEvent)new Signalled(id))),
        (4, Gen.Select(ProcessId, Gen.Long[0, 5]).Select((id, epoch) => (TrainerEvent)LifeOf.SaysHello(id, epoch))),
        (2, Gen.Bool.Select(hasLeft => (TrainerEvent)new HungUp(hasLeft))),
        (1, Gen.Const((TrainerEvent)new KillAsked("it did not stop"))),
        (2, Epochs.Select(epoch => (TrainerEvent)new StopAsked(epoch))),
        (1, Epochs.Select(epoch => (TrainerEvent)new EpochRuns(epoch))),
        (1, Epochs.Select(epoch => (TrainerEvent)new JobFinished(epoch))),
        (1, Gen.Int[0, 2].Select(rank => (TrainerEvent)new RankNeeded(new Rank(rank)))),
        (1, Gen.Int[0, 2].Select(rank => (TrainerEvent)new Joined(new Rank(rank)))),
        (3, Gen.Select(Gen.Int[0, 3], Epochs).Select((what, epoch) => (TrainerEvent)(what switch
        {
            0 => new Asked(),
            1 => new Handed(epoch),
            2 => new Loaded(epoch, new Iteration(4)),
            _ => new Skipped(),
        }))),
        (4, Gen.Select(Gen.Int[0, 3], Gen.Long[0, 5]).Select((what, epoch) => (TrainerEvent)new Said(what switch
        {
            0 => new TrainerStep(epoch, 9, 1, 10),
            1 => new TrainerStopped(epoch),
            2 => new TrainerFinished(epoch, 100),
            _ => new TrainerCapturing(epoch, 9),
        }))));

    private static readonly Gen<TrainerEvent> AnyEnd = Gen.OneOf<TrainerEvent>(new ShutdownAsked("the host stops"), new Detached());

    private static readonly Gen<(TrainerEvent Event, int Seconds)[]> AnyEvents = Gen.Select(
        Gen.Frequency<TrainerEvent>((30, AnyEvent), (1, AnyEnd)), Gen.Frequency<int>((6, Gen.Const(0)), (1, Gen.Int[0, 130]))).Array[0, 60];

    [Fact]
    public void AnyEvents_OneIsLaunchedOnlyAfterTheOneBeforeIsGone_AndWhileTheLockIsFree() => Sample((life, happened, before) =>
    {
        foreach (var _ in life.LastActions.OfType<LoopAction.Launch>())
            Assert.True(before.Phase == TrainerPhase.Beginning && happened is Looked { IsLockHeld: false } && life.Now.Phase == TrainerPhase.Launching);
        // A life returns to Beginning only if the process is gone, none was started, or the start was abandoned.
        if (life.Now.Phase != TrainerPhase.Beginning) return;
        Assert.True(before.Phase is not TrainerPhase.Living and not TrainerPhase.Over);
        if (before.Phase is TrainerPhase.Leaving or TrainerPhase.Draining) Assert.Single(life.LastActions.OfType<LoopAction.Conclude>());
        Assert.Equal(before.Phase == TrainerPhase.Launching, life.LastActions.Contains(new LoopAction.AbandonLaunch()));
    });

    [Fact]
    public void AnyEvents_TheEndOfAProcessIsConcludedOnlyWhenItHasExitedAndItsLockIsFree() => Sample((life, happened, before) =>
    {
        if (!life.LastActions.OfType<LoopAction.Conclude>().Any()) return;
        Assert.True(happened is Looked);
        if (before.Phase == TrainerPhase.Draining) return;
        Assert.Equal(TrainerPhase.Leaving, before.Phase);
        Assert.True(happened is Looked { IsLockHeld: false, HasEnded: var hasEnded } && (hasEnded || !before.IsOwn));
    });

    [Fact]
    public void AnyEvents_OneThatIsOverStaysSo_AndOneThatShutsDownStartsNothing() => Sample((life, _, before) =>
    {
        if (before.Phase == TrainerPhase.Over) Assert.Equal(TrainerPhase.Over, life.Now.Phase);
        if (before.IsShuttingDown) Assert.True(life.Now.IsShuttingDown);
        if (before.IsShuttingDown || before.Phase == TrainerPhase.Over)
            Assert.DoesNotContain(life.LastActions, action => action is LoopAction.Launch or LoopAction.Adopt);
    });

    [Fact]
    public void AnyEvents_AKilledOneNeverLivesAgain() => Sample((life, _, before) =>
    {
        if (life.Now.Phase is TrainerPhase.Living or TrainerPhase.Launching) Assert.Null(life.Now.KillReason);
        if (before.KillReason is { } reason && life.Now.KillReason is { } now) Assert.Equal(reason, now);
    });

    [Fact]
    public void AnyEvents_DeadlinesAreWhereSomethingIsExpected() => Sample((life, _, _) =>
    {
        var mustHave = life.Now.Phase is TrainerPhase.Leaving or TrainerPhase.Draining or TrainerPhase.Pausing
            || life.Now is { Phase: TrainerPhase.Living, IsConnected: false };
        // A start may hang longer. The life waits for it after the deadline was reported.
        var mayHave = mustHave || life.Now.Phase == TrainerPhase.Launching;
        Assert.True(mustHave ? life.Now.Deadline is not null : mayHave || life.Now.Deadline is null, $"{life.Now.Phase} until {life.Now.Deadline}");
    });

    [Fact]
    public void AnyEvents_NobodyIsToldWhoIsNotConnected_AndADeadOneIsReportedAtOnce() => Sample((life, happened, before) =>
    {
        if (!life.Now.IsConnected) Assert.DoesNotContain(life.LastActions, action => action is TrainerAction.Tell);
        if (before.Phase != TrainerPhase.Living || life.Now.Phase != TrainerPhase.Leaving) return;
        Assert.Equal(life.Now.Dialogue.IsFinished ? before.Report.State : TrainerState.Exited, life.Now.Report.State);
    });

    [Fact]
    public void AnyEvents_NoOneRestsWhoIsNeeded_AndAnEpochThatIsOverChangesNothing() => Sample((life, happened, before) =>
    {
        Assert.False(life.Now.Phase == TrainerPhase.Resting && life.Now.Dialogue.IsNeeded);
        Assert.True(life.Now.Dialogue.EpochFloor >= before.Dialogue.EpochFloor);
        if (happened is not Said { Message: TrainerStep or TrainerFinished or TrainerCapturing } said) return;
        var epoch = said.Message is TrainerStep step ? step.Epoch : said.Message is TrainerFinished finished ? finished.Epoch : ((TrainerCapturing)said.Message).Epoch;
        if (epoch < before.Dialogue.EpochFloor.Value) Assert.Equal(before, life.Now);
    });

    /// <summary>From now on the operating system does what it is asked, and there are no other requests.</summary>
    [Fact]
    public void AnyEvents_ThenTheWorldObeys_ItEndsIfItShall_AndLivesOtherwise() => AnyEvents.Sample(events =>
    {
        var life = new LifeOf();
        foreach (var (happened, seconds) in events) life.Pass(TimeSpan.FromSeconds(seconds)).On(happened);
        var world = new ObedientWorld(life);
        if (life.Now.IsShuttingDown) world.LosesPatience();
        for (var round = 0; round < 40; round++) world.Turn();
        if (life.Now.IsShuttingDown) Assert.Equal(TrainerPhase.Over, life.Now.Phase);
        else Assert.True(life.Now.Phase is TrainerPhase.Living or TrainerPhase.Resting or TrainerPhase.Over, life.Now.Phase.ToString());
    });

    /// <summary>Random starts, kills, connects and cuts. The world counts processes.</summary>
    [Fact]
    public void AnyCourse_NeverTwoProcesses() => Gen.Int[0, 9].Array[1, 200].Sample(choices =>
    {
        var world = new ObedientWorld(new LifeOf());
        foreach (var choice in choices)
        {
            world.Happens(choice);
            world.Turn();
            Assert.InRange(world.Processes, 0, 1);
        }
    });

    private static void Sample(Action<LifeOf, TrainerEvent, TrainerLife> check) => AnyEvents.Sample(events =>
    {
        var life = new LifeOf();
        foreach (var (happened, seconds) in events)
        {
            var before = life.Now;
            life.Pass(TimeSpan.FromSeconds(seconds)).On(happened);
            check(life, happened, before);
        }
    });

    /// <summary>One machine: a process holds the lock from its start to its end, and a killed one ends.</summary>
    private sealed class ObedientWorld(LifeOf life)
    {
        private bool _isStarting = life.Now.Phase == TrainerPhase.Launching;
        private bool _isAlive = life.Now.Phase is TrainerPhase.Living or TrainerPhase.Leaving;
        private int _processId = life.Now.Report.ProcessId;

        public int Processes => (_isAlive ? 1 : 0) + (_isStarting ? 1 : 0);

        /// <summary>One round of the loop, a second later.</summary>
        public void Turn()
        {
            if (_isStarting)
            {
                (_isStarting, _isAlive) = (false, true);
                On(new Launched(++_processId));
            }

            if (_isAlive && !life.Now.IsConnected && life.Now.Phase == TrainerPhase.Living) On(LifeOf.SaysHello(_processId));
            if (life.Now.Phase == TrainerPhase.Judging) On(new Judged(TimeSpan.FromSeconds(1)));
            if (!_isAlive && life.Now.IsConnected && !life.Now.NeedsLock) On(new HungUp(HasLeft: true));
            life.Pass(TimeSpan.FromSeconds(1));
            On(new Looked(HasEnded: !_isAlive, ExitCode: _isAlive ? null : 0, IsLockHeld: life.Now.NeedsLock ? _isAlive : null, Holder: _isAlive ? _processId : 0));
        }

        /// <summary>An event that the life did not ask for.</summary>
        public void Happens(int choice)
        {
            if (choice == 0) Dies();
            if (choice == 1 && _isAlive)
            {
                On(new Signalled(_processId));
                Dies();
            }

            if (choice == 2 && life.Now.IsConnected) On(new HungUp(HasLeft: false));
            if (choice == 3) LosesPatience();
            if (choice == 4) On(new StopAsked(life.Now.Dialogue.EpochFloor.Next()));
            if (choice == 5) On(new Broke());
            if (choice == 6 && _isAlive && life.Now.IsConnected) On(new Said(new TrainerFinished(life.Now.Dialogue.EpochFloor.Value, 100)));
            if (choice == 7) life.Pass(TimeSpan.FromMinutes(3));
        }

        /// <summary>The trainer did not carry out a request in time.</summary>
        public void LosesPatience() => On(new KillAsked("it took too long"));

        private void On(TrainerEvent happened)
        {
            life.On(happened);
            foreach (var action in life.LastActions)
            {
                if (action is LoopAction.Launch)
                {
                    Assert.False(_isStarting);
                    _isStarting = true;
                }

                if (action is LoopAction.AbandonLaunch) _isStarting = false;
                if (action is LoopAction.Kill or LoopAction.KillAgain || LifeOf.Name(action) == "TellExit") Dies();
            }
        }

        private void Dies()
        {
            if (!_isAlive) return;
            _isAlive = false;
            if (life.Now.IsConnected) On(new HungUp(HasLeft: true));
        }
    }
}
