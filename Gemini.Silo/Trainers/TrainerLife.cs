using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using static Gemini.Silo.Trainers.LoopAction;
using static Gemini.Silo.Trainers.TrainerAction;
using static Gemini.Silo.Trainers.TrainerEvent;

namespace Gemini.Silo.Trainers;

/// <summary>
/// The life of one trainer, process after process, as a state machine: from an event follow the next state and the actions that the host must carry
/// out. Pure: it gets the time as an argument, and has no process, file or socket. <c>DESIGN.md</c> has the drawing.
/// </summary>
/// <remarks>
/// <para>
/// A process is adopted if it holds the lock and this silo did not start it: it is a trainer of an earlier silo, and tries to reconnect. A process is
/// dead when it ends its connection, when it exits, or when the kernel begins to end it, whichever is noticed first. That is reported at once. A
/// process is gone when it has exited and the lock is free.
/// </para>
/// <para>
/// Invariants: a process is launched only after the one before is gone and while the lock is free. A killed process never lives again. Nothing is
/// launched for a trainer that rests or whose phase is Over. Only phases that end by themselves have a deadline.
/// </para>
/// <para>
/// A trainer of an earlier silo may say hello before the loop has looked at its lock. Such a connection belongs to the life that begins next, and
/// everything that the trainer said until then counts.
/// </para>
/// </remarks>
/// <param name="Options">The limits.</param>
/// <param name="Dialogue">What the trainer said and must be told, and its report.</param>
internal sealed record TrainerLife(TrainerOptions Options, TrainerDialogue Dialogue)
{
    private static readonly TimeSpan GonePollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LockPollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(1);

    public TrainerPhase Phase { get; private init; }

    public bool IsConnected { get; private init; }

    /// <summary>Whether this silo started the process. If not, it has adopted the process and knows it only by its lock.</summary>
    public bool IsOwn { get; private init; }

    public bool IsShuttingDown { get; private init; }

    /// <summary>Whether a signal of somebody else was ending the process before this host killed it.</summary>
    public bool WasSignalled { get; private init; }

    /// <summary>Why the host has killed the process; null if it has not.</summary>
    public string? KillReason { get; private init; }

    /// <summary>When the phase ends if nothing else happens, or when the host must report that it does not end; null: never.</summary>
    public TimeSpan? Deadline { get; private init; }

    public TrainerReport Report => Dialogue.Report;

    /// <summary>The process that is the trainer now; 0 if there is none, or if it is dead or dying.</summary>
    public int ProcessId => Report.State != TrainerState.Exited && (IsConnected || HasProcess) ? Report.ProcessId : 0;

    /// <summary>Whether the loop must look at the lock now.</summary>
    public bool NeedsLock => Phase is TrainerPhase.Beginning or TrainerPhase.Leaving || (Phase == TrainerPhase.Living && !IsOwn && !IsConnected);

    /// <summary>Whether the loop has looked at the lock. Until then an unknown process, of an earlier silo, may hold it.</summary>
    private bool HasLooked { get; init; }

    private bool HasProcess => Phase is TrainerPhase.Living or TrainerPhase.Leaving or TrainerPhase.Draining;

    private bool IsAlive => HasProcess || Phase == TrainerPhase.Launching;

    /// <summary>
    /// Only one process may be connected as the trainer. The same process may connect again before the silo notices the end of its old connection.
    /// </summary>
    public bool Accepts(TrainerHello hello) => !IsConnected || hello.ProcessId == Report.ProcessId;

    /// <summary>
    /// Whether no process of this trainer can write a snapshot of an epoch before this one: the process has said so, it is gone, or it has never said
    /// hello and so knows no epoch.
    /// </summary>
    public bool HasStopped(Epoch epoch) => Dialogue.Stopped >= epoch
        || !(IsConnected || !HasLooked || (IsAlive && (!IsOwn || Dialogue.Facts.HasFlag(TrainerFacts.SaidHello))));

    /// <summary>How long the loop may wait for an event before it must look again; negative: for ever.</summary>
    public TimeSpan NextLook(TimeSpan now)
    {
        TimeSpan? poll = !NeedsLock ? null : Phase == TrainerPhase.Leaving ? GonePollInterval : LockPollInterval;
        TimeSpan?[] ends = Phase == TrainerPhase.Living
            ? [Deadline - now, Dialogue.Loop.ReturnBy - now, IsConnected ? Dialogue.Loop.SettleBy - now : null, poll]
            : [Deadline - now, poll];
        if (ends.Min() is not { } wait) return Timeout.InfiniteTimeSpan;
        // One millisecond more, because a deadline has passed only after its moment.
        return (wait > TimeSpan.Zero ? wait : TimeSpan.Zero) + TimeSpan.FromMilliseconds(1);
    }

    public (TrainerLife Next, ImmutableArray<TrainerAction> Actions) On(TrainerEvent happened, TrainerTime at)
    {
        var (next, actions) = happened switch
        {
            Looked look => OnLooked(look, at),
            Launched launched => OnLaunched(launched, at),
            LaunchFailed failed when Phase == TrainerPhase.Launching => (InPhase(TrainerPhase.Judging), [new JudgeLaunch(failed.Problem)]),
            Judged judged when Phase == TrainerPhase.Judging => (OnJudged(judged.Pause, at), []),
            Broke => OnBroke(),
            Signalled signalled => (OnSignalled(signalled.ProcessId, at), []),
            Hello hello when Accepts(hello.Message) => OnHello(hello, at),
            HungUp end when IsConnected => (OnHungUp(end.HasLeft, at), []),
            KillAsked asked => OnKillAsked(asked.Reason, at),
            ShutdownAsked asked => OnShutdownAsked(asked.Reason, at),
            Detached => Ended(),
            _ => InDialogue(happened, at),
        };
        if (next.Phase == TrainerPhase.Resting && next.Dialogue.IsNeeded) next = next.InPhase(TrainerPhase.Beginning);
        return (next, next.IsConnected ? actions : actions.RemoveAll(action => action is Tell));
    }

    private (TrainerLife Next, ImmutableArray<TrainerAction> Actions) InDialogue(TrainerEvent happened, TrainerTime at)
    {
        var (dialogue, actions) = Dialogue.On(happened, at);
        return (this with { Dialogue = dialogue }, actions);
    }

    private (TrainerLife Next, ImmutableArray<TrainerAction> Actions) OnLooked(Looked look, TrainerTime at)
    {
        switch (Phase)
        {
            case TrainerPhase.Beginning when look.IsLockHeld is { } isHeld:
                return isHeld ? Adopts(look.Holder, at) : Launches(at);
            case TrainerPhase.Launching when at.Now > Deadline:
                return (this with { Deadline = null }, [new SayStartHangs()]);
            case TrainerPhase.Living:
                return LooksAfter(look, at);
            case TrainerPhase.Leaving when (!IsOwn || look.HasEnded) && look.IsLockHeld == false:
                return IsConnected ? (InPhase(TrainerPhase.Draining, at.Now + DrainLimit), []) : Concludes(look.ExitCode);
            case TrainerPhase.Leaving when at.Now > Deadline:
                return KillReason is null
                    ? Kills("it did not exit after its connection ended", at)
                    : (this with { Deadline = at.Now + Options.KillLimit }, [new KillAgain(Report.ProcessId)]);
            case TrainerPhase.Draining when !IsConnected || at.Now > Deadline:
                return Concludes(look.ExitCode);
            case TrainerPhase.Pausing when at.Now >= Deadline:
                return (InPhase(TrainerPhase.Beginning), []);
            default:
                return (this, []);
        }
    }

    private (TrainerLife Next, ImmutableArray<TrainerAction> Actions) Adopts(int holder, TrainerTime at)
    {
        var next = Renewed(isOwn: false).InPhase(TrainerPhase.Living);
        if (!IsConnected) next = next with { Dialogue = next.Dialogue.Expects(TrainerState.Awaited, holder), Deadline = at.Now + Options.AdoptionLimit };
        return (next, [new Adopt(holder), new Watch(holder)]);
    }

    private (TrainerLife Next, ImmutableArray<TrainerAction> Actions) Launches(TrainerTime at) =>
        (Renewed(isOwn: true).InPhase(TrainerPhase.Launching, at.Now + Options.LaunchLimit), [new Launch()]);

    private (TrainerLife Next, ImmutableArray<TrainerAction> Actions) OnLaunched(Launched launched, TrainerTime at)
    {
        // A spare took over just when the host stopped. If only the silo ends, the process stays for the next silo.
        if (Phase != TrainerPhase.Launching) return (this, Phase == TrainerPhase.Over && IsShuttingDown ? [new Kill("the host stops")] : []);
        var next = InPhase(TrainerPhase.Living);
        if (!IsConnected)
        {
            var limit = launched.IsSpare ? Options.AdoptionLimit : Options.StartLimit;
            next = next with { Dialogue = Dialogue.Expects(TrainerState.Starting, launched.ProcessId), Deadline = at.Now + limit };
        }

        return (next, [new ClearObstacle(), new Watch(launched.ProcessId)]);
    }

    private (TrainerLife Next, ImmutableArray<TrainerAction> Actions) LooksAfter(Looked look, TrainerTime at)
    {
        if (look.HasEnded) return (Leaves(at), []);
        if (HangAt(at.Now) is { } hang) return Kills(hang, at);
        if (!IsOwn && !IsConnected && look.IsLockHeld == false) return (Leaves(at), []);
        return IsConnected && at.Now >= Dialogue.Loop.SettleBy ? (this with { Dialogue = Dialogue.Settled() }, [new NoteHealthy()]) : (this, []);
    }

    /// <summary>Why the process must be killed; null: it does not hang.</summary>
    private string? HangAt(TimeSpan now) => now > Deadline ? "it said no hello in time"
        : now > Dialogue.Loop.ReturnBy ? $"it stopped, but its training loop did not come back within {Dialogue.Loop.ReturnLimit.TotalSeconds:0.#} s"
        : null;

    private (TrainerLife Next, ImmutableArray<TrainerAction> Actions) Kills(string reason, TrainerTime at) =>
        (Leaves(at) with { KillReason = reason, Deadline = at.Now + Options.KillLimit }, [new Kill(reason)]);

    private TrainerLife Leaves(TrainerTime at) => InPhase(TrainerPhase.Leaving, at.Now + Options.ExitGrace) with { Dialogue = Dialogue.Died(at) };

    private (TrainerLife Next, ImmutableArray<TrainerAction> Actions) Concludes(int? exitCode)
    {
        var isCompleted = Dialogue.Rests || (Dialogue.IsFinished && (KillReason is not null || exitCode is null or 0));
        // If a signal was ending the process before the host killed it, the process did not hang: it takes long to free its memory.
        var hang = WasSignalled ? null : KillReason;
        var end = Dialogue.Facts.HasFlag(TrainerFacts.Dismissed) || IsShuttingDown ? TrainerEnd.Dismissed
            : hang is not null ? TrainerEnd.Hung
            : TrainerExitCode.Classify(exitCode);
        var next = !isCompleted ? InPhase(TrainerPhase.Judging) with { Dialogue = Dialogue.Gone() }
            : InPhase(IsShuttingDown ? TrainerPhase.Over : TrainerPhase.Resting);
        var conclude = new Conclude(exitCode, end, Dialogue.Facts.HasFlag(TrainerFacts.Stepped), hang, next.Report.State, isCompleted);
        ImmutableArray<TrainerAction> actions = [new Unwatch(), new ClearObstacle(), conclude];
        return (next with { IsConnected = false }, IsConnected ? [new HangUp(), .. actions] : actions);
    }

    private TrainerLife OnJudged(TimeSpan pause, TrainerTime at) =>
        IsShuttingDown ? InPhase(TrainerPhase.Over)
        : pause > TimeSpan.Zero ? InPhase(TrainerPhase.Pausing, at.Now + pause)
        : InPhase(TrainerPhase.Beginning);

    /// <summary>If a process exists, it is supervised as before: nothing may be started beside it.</summary>
    private (TrainerLife Next, ImmutableArray<TrainerAction> Actions) OnBroke() => Phase switch
    {
        TrainerPhase.Launching => (InPhase(TrainerPhase.Beginning), [new AbandonLaunch()]),
        TrainerPhase.Judging => (OnJudged(TimeSpan.Zero, default), []),
        _ => (this, []),
    };

    private TrainerLife OnSignalled(int processId, TrainerTime at)
    {
        if (processId != Report.ProcessId || !IsAlive || Phase == TrainerPhase.Launching) return this;
        var next = Phase == TrainerPhase.Living ? Leaves(at) : this with { Dialogue = Dialogue.Died(at) };
        return next with { WasSignalled = KillReason is null || WasSignalled };
    }

    private (TrainerLife Next, ImmutableArray<TrainerAction> Actions) OnHello(Hello hello, TrainerTime at)
    {
        var before = IsAlive || IsConnected ? Dialogue : Dialogue.Forgotten();
        var (dialogue, told) = before.Greet(hello, IsShuttingDown ? "The host stops." : null, at);
        var next = this with { IsConnected = true, Dialogue = dialogue };
        if (Phase is TrainerPhase.Living || (Phase == TrainerPhase.Leaving && KillReason is null)) next = next.InPhase(TrainerPhase.Living);
        else if (Phase is TrainerPhase.Leaving or TrainerPhase.Draining) next = next with { Dialogue = dialogue.Died(at) };
        return (next, [new Watch(hello.Message.ProcessId), .. told]);
    }

    private TrainerLife OnHungUp(bool hasLeft, TrainerTime at)
    {
        var next = this with { IsConnected = false };
        if (!hasLeft) return Phase == TrainerPhase.Living ? next with { Deadline = at.Now + Options.AdoptionLimit } : next;
        return Phase == TrainerPhase.Living ? next.Leaves(at) : next with { Dialogue = Dialogue.Died(at) };
    }

    private (TrainerLife Next, ImmutableArray<TrainerAction> Actions) OnKillAsked(string reason, TrainerTime at) => Phase switch
    {
        TrainerPhase.Living => Kills(reason, at),
        TrainerPhase.Leaving when KillReason is null => Kills(reason, at),
        // The trainer is connected, but its process is not known yet. The process that holds the lock is killed.
        TrainerPhase.Beginning or TrainerPhase.Judging or TrainerPhase.Pausing or TrainerPhase.Resting when IsConnected => (this, [new Kill(reason)]),
        _ => (this, []),
    };

    private (TrainerLife Next, ImmutableArray<TrainerAction> Actions) OnShutdownAsked(string reason, TrainerTime at)
    {
        var next = this with { IsShuttingDown = true };
        ImmutableArray<TrainerAction> told = [new Tell(new SiloExit(reason))];
        switch (Phase)
        {
            case TrainerPhase.Beginning or TrainerPhase.Launching or TrainerPhase.Pausing or TrainerPhase.Resting:
                var (over, actions) = next.Ended();
                return (over, [.. told, .. actions]);
            // A trainer that has finished, or whose connection has ended, exits by itself.
            case TrainerPhase.Living when !IsConnected && !Dialogue.IsFinished:
                return next.Kills("the host stops, and the trainer is not connected, so it cannot be told", at);
            default:
                return (next, told);
        }
    }

    private (TrainerLife Next, ImmutableArray<TrainerAction> Actions) Ended() => Phase switch
    {
        TrainerPhase.Over => (this, []),
        TrainerPhase.Launching => (InPhase(TrainerPhase.Over), [new AbandonLaunch(), new Unwatch()]),
        _ => (InPhase(TrainerPhase.Over), [new Unwatch()]),
    };

    /// <summary>Another process begins.</summary>
    private TrainerLife Renewed(bool isOwn) => this with
    {
        HasLooked = true,
        IsOwn = isOwn,
        WasSignalled = false,
        KillReason = null,
        Dialogue = IsConnected ? Dialogue : Dialogue.Forgotten(),
    };

    private TrainerLife InPhase(TrainerPhase phase, TimeSpan? deadline = null) => this with { Phase = phase, Deadline = deadline };
}
