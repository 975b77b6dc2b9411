using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using static Gemini.Silo.Trainers.TrainerAction;
using static Gemini.Silo.Trainers.TrainerEvent;

namespace Gemini.Silo.Trainers;

/// <summary>
/// The conversation with one trainer: what it has said, on its socket and by grain calls; what the silo must tell it; and the report that follows.
/// Pure: it gets the time as an argument and has no socket.
/// </summary>
/// <remarks>
/// A trainer's message about an epoch that is over changes nothing. If a trainer is not connected, the silo tells it a line at its next hello, if the
/// line still matters then.
/// </remarks>
/// <param name="Options">The limits, such as that of the training loop.</param>
/// <param name="Program">The hash of the program that trains this job; a trainer of another one is told to exit.</param>
/// <param name="Report">The host's report about the trainer.</param>
internal sealed record TrainerDialogue(TrainerOptions Options, string Program, TrainerReport Report)
{
    private const string JobIsFinished = "the job is finished";

    public TrainerFacts Facts { get; private init; }

    public LoopWatch Loop { get; private init; } = new();

    /// <summary>The rank of which the trainer was told, or which its hello named.</summary>
    public Rank? Rank { get; private init; }

    /// <summary>The epoch floor: every epoch before this one is over.</summary>
    public Epoch EpochFloor { get; private init; }

    /// <summary>The newest epoch for which the process has answered a stop.</summary>
    public Epoch Stopped { get; private init; }

    /// <summary>The epoch in which the job was finished.</summary>
    private Epoch? RestsAfter { get; init; }

    public bool IsFinished => Facts.HasFlag(TrainerFacts.Finished);

    /// <summary>The job is finished, and no later epoch has begun.</summary>
    public bool Rests => RestsAfter is { } epoch && EpochFloor <= epoch;

    /// <summary>A later epoch than the trainer's last has begun, and the job is not finished.</summary>
    public bool IsNeeded => !Rests && EpochFloor > Report.Epoch;

    /// <summary>There is no known process any more.</summary>
    public TrainerDialogue Forgotten() => this with { Facts = TrainerFacts.None, Loop = Loop.Renewed(), Rank = null, Stopped = default };

    /// <summary>There is a process that has not said hello.</summary>
    public TrainerDialogue Expects(TrainerState state, int processId) => this with
    {
        Report = new TrainerReport
        {
            LocalIndex = Report.LocalIndex,
            State = state,
            ProcessId = processId,
            FailedAtUnixMilliseconds = Report.FailedAtUnixMilliseconds,
            SkippedSaves = Report.SkippedSaves,
        },
    };

    /// <summary>The process is dead or dying. The time of the first sign of death is reported. A finished trainer may exit.</summary>
    public TrainerDialogue Died(TrainerTime at) => Report.State == TrainerState.Exited || IsFinished
        ? this
        : Reports(Report with { State = TrainerState.Exited, FailedAtUnixMilliseconds = at.UnixMilliseconds });

    /// <summary>The process is gone, and the trainer has more to do.</summary>
    public TrainerDialogue Gone() => Reports(Report with { State = TrainerState.Exited });

    /// <summary>The process has waited for its first epoch so long that it counts as healthy.</summary>
    public TrainerDialogue Settled() => this with { Loop = Loop.OnSettled() };

    public (TrainerDialogue Next, ImmutableArray<TrainerAction> Actions) Greet(Hello hello, string? goodbye, TrainerTime at)
    {
        var said = hello.Message;
        // A trainer of an earlier silo with another configuration: it trains something else than this job.
        var isOther = said.Program.Length > 0 && said.Program != Program;
        var next = this with
        {
            Facts = Facts | TrainerFacts.SaidHello | (isOther ? TrainerFacts.Dismissed : TrainerFacts.None),
            Rank = isOther ? null : said.Rank is { } rank ? new Rank(rank) : Rank,
            Loop = Loop.OnHello(said.Epoch > 0, at.Now + Options.Restart.SettleTime),
            Report = Introduced(said, trains: said.Epoch > 0 && said.Epoch >= EpochFloor.Value && !isOther),
        };
        var exit = goodbye ?? (isOther ? "It was started with another program or other arguments than the job's." : Rests ? JobIsFinished : null);
        var stop = EpochFloor.Value > said.Epoch ? new SiloStop(EpochFloor.Value) : null;
        TrainerMessage?[] told = [stop, .. hello.CatchUp, exit is null ? null : new SiloExit(exit)];
        return (next, [.. told.OfType<TrainerMessage>().Select(message => new Tell(message))]);
    }

    /// <summary>The trainer has said something, others have learned something about it, or the root agent wants something of it.</summary>
    public (TrainerDialogue Next, ImmutableArray<TrainerAction> Actions) On(TrainerEvent happened, TrainerTime at) => happened switch
    {
        Said said => Hear(said.Message, at),
        StopAsked stop => (FloorAt(stop.Epoch), [new Tell(new SiloStop(stop.Epoch.Value))]),
        EpochRuns running => (FloorAt(running.Epoch), Report.Epoch < running.Epoch ? [new Tell(new SiloStop(running.Epoch.Value))] : []),
        JobFinished finished => (this with { RestsAfter = finished.Epoch },
            IsFinished ? [new ClearSpares()] : [new ClearSpares(), new Tell(new SiloExit(JobIsFinished))]),
        RankNeeded needed when Rank is not null && Rank != needed.Rank => (this with { Rank = null, Facts = Facts | TrainerFacts.Dismissed },
            [new Tell(new SiloExit("The host's position in the job has changed."))]),
        // A grain call of the trainer may be carried out after its death. What it says about that process matters no more.
        Joined or Asked or Handed or Loaded or Declared or Captured when Report.State == TrainerState.Exited => (this, []),
        Joined joined => (this with { Rank = joined.Rank }, []),
        Asked => (this with { Loop = Loop.OnAsked() }, []),
        Handed handed => ((Report.Epoch >= handed.Epoch ? this : Reports(Report with { State = TrainerState.Loading })) with { Loop = Loop.OnHanded() }, []),
        Loaded loaded when Report.Epoch < loaded.Epoch => (Reports(HasLoaded(loaded)), []),
        Declared declared => (Reports(Report with { ShardBytes = declared.PayloadBytes }), []),
        Captured captured when captured.Iteration > Report.Captured => (Reports(Report with { Captured = captured.Iteration }), []),
        Skipped => (Reports(Report with { SkippedSaves = Report.SkippedSaves + 1 }), []),
        _ => (this, []),
    };

    private (TrainerDialogue Next, ImmutableArray<TrainerAction> Actions) Hear(TrainerMessage message, TrainerTime at) => message switch
    {
        TrainerCapturing capture when !IsOver(capture.Epoch) =>
            (this, [new Offer(new SnapshotId(new Iteration(capture.Iteration), new Epoch(capture.Epoch)))]),
        TrainerStep step when !IsOver(step.Epoch) => OnStep(step),
        TrainerBusy busy when !IsOver(busy.Epoch) => (Reports(
            Report with { PauseReason = busy.Reason, PauseLimitMilliseconds = busy.LimitMilliseconds, PauseNumber = busy.Number }), []),
        TrainerLostPeer lost when !IsOver(lost.Epoch) => (Reports(
            Report with { State = TrainerState.Interrupted, LostPeer = new Rank(lost.PeerRank), FailedAtUnixMilliseconds = at.UnixMilliseconds }), []),
        TrainerSaves saves when !IsOver(saves.Epoch) => (Reports(Report with { SaveProblem = saves.Problem }), []),
        TrainerWarm => (Reports(Report with { IsWarm = true }), []),
        TrainerStopped stopped => (OnStopped(new Epoch(stopped.Epoch), at.Now), []),
        TrainerFinished finished when !IsOver(finished.Epoch) => (this with
        {
            Facts = Facts | TrainerFacts.Finished,
            Report = Report with { State = TrainerState.Finished, Iteration = new Iteration(finished.Iteration) },
        }, []),
        _ => (this, []),
    };

    private (TrainerDialogue Next, ImmutableArray<TrainerAction> Actions) OnStep(TrainerStep step)
    {
        var next = this with { Facts = Facts | TrainerFacts.Stepped, Loop = Loop.OnStep(step.Milliseconds) };
        if (Report.Epoch.Value == step.Epoch)
        {
            next = next.Reports(Report with
            {
                Iteration = new Iteration(step.Iteration),
                Loss = step.Loss,
                IterationMilliseconds = step.Milliseconds,
                BusyMilliseconds = step.Busy,
            });
        }

        // Spares start only when the trainer trains, because at a start and in a recovery the processors have other work. For the last step no spare
        // is started.
        var isLast = Report.TotalIterations != 0 && step.Iteration >= Report.TotalIterations;
        return (next, isLast ? [new NoteHealthy()] : [new NoteHealthy(), new FillSpares()]);
    }

    private TrainerDialogue OnStopped(Epoch epoch, TimeSpan now)
    {
        var report = epoch > Report.EpochFloor ? Report with { EpochFloor = epoch } : Report;
        if (report.Epoch < epoch && report.State is not (TrainerState.Exited or TrainerState.Finished))
            report = report with { State = TrainerState.Waiting, LostPeer = null, SaveProblem = "", PauseReason = "", PauseLimitMilliseconds = 0 };
        return this with
        {
            Stopped = epoch > Stopped ? epoch : Stopped,
            Loop = IsFinished ? Loop : Loop.OnStopped(Options, now),
            Report = report,
        };
    }

    private TrainerReport Introduced(TrainerHello hello, bool trains) => Report with
    {
        State = trains ? TrainerState.Training : TrainerState.Waiting,
        ProcessId = hello.ProcessId,
        Epoch = new Epoch(hello.Epoch),
        Iteration = new Iteration(hello.Iteration),
        Committed = new Iteration(hello.Committed),
        RingEndpoint = hello.RingEndpoint,
        ShardBytes = hello.ShardBytes,
        Description = hello.Description,
        ParameterCount = hello.ParameterCount,
        TotalIterations = hello.TotalIterations,
        IsWarm = hello.Warm,
        Liveness = hello.Liveness,
        EpochFloor = new Epoch(hello.EpochFloor),
        SaveProblem = "",
        PauseReason = "",
        PauseLimitMilliseconds = 0,
    };

    private TrainerReport HasLoaded(Loaded loaded) => Report with
    {
        State = TrainerState.Training,
        Epoch = loaded.Epoch,
        Iteration = loaded.Iteration,
        Captured = loaded.Iteration,
        Committed = loaded.Iteration,
        LostPeer = null,
        FailedAtUnixMilliseconds = 0,
    };

    private TrainerDialogue FloorAt(Epoch epoch) => epoch > EpochFloor ? this with { EpochFloor = epoch } : this;

    private TrainerDialogue Reports(TrainerReport report) => this with { Report = report };

    private bool IsOver(long epoch) => epoch < EpochFloor.Value;
}
