using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Trainers;

/// <summary>What <see cref="TrainerLife"/> tells <see cref="SupervisedTrainer"/> to do.</summary>
internal abstract record TrainerAction
{
    /// <summary>Send this message to the connected trainer.</summary>
    public sealed record Tell(TrainerMessage Message) : TrainerAction;

    /// <summary>End the connection.</summary>
    public sealed record HangUp : TrainerAction;

    /// <summary>A capture of this snapshot began. A replica sender may follow it.</summary>
    public sealed record Offer(SnapshotId Snapshot) : TrainerAction;

    /// <summary>Start the spares that are missing.</summary>
    public sealed record FillSpares : TrainerAction;

    /// <summary>End the spares.</summary>
    public sealed record ClearSpares : TrainerAction;

    /// <summary>The trainer works. Earlier problems are over.</summary>
    public sealed record NoteHealthy : TrainerAction;
}

/// <summary>An action that only the loop carries out, one after the other and under no lock, because the operating system may be slow.</summary>
internal abstract record LoopAction : TrainerAction
{
    /// <summary>Let a spare take over, or start a process.</summary>
    public sealed record Launch : LoopAction;

    /// <summary>Abandon the running start. If it still starts a process, that process is killed.</summary>
    public sealed record AbandonLaunch : LoopAction;

    /// <summary>Adopt the process that holds the lock.</summary>
    public sealed record Adopt(int Holder) : LoopAction;

    /// <summary>Kill the process, and whichever process holds the lock.</summary>
    public sealed record Kill(string Reason) : LoopAction;

    /// <summary>Watch this process for its death, and no other.</summary>
    public sealed record Watch(int ProcessId) : LoopAction;

    /// <summary>Watch no process any more.</summary>
    public sealed record Unwatch : LoopAction;

    /// <summary>Report that the start takes too long.</summary>
    public sealed record SayStartHangs : LoopAction;

    /// <summary>Report that the process cannot be killed, and try again.</summary>
    public sealed record KillAgain(int ProcessId) : LoopAction;

    /// <summary>Remove the report: nothing prevents a start any more.</summary>
    public sealed record ClearObstacle : LoopAction;

    /// <summary>Decide what follows from the fact that no process could be started.</summary>
    public sealed record JudgeLaunch(string Problem) : LoopAction;

    /// <summary>The process is gone. Decide what follows, unless the trainer has no more to do.</summary>
    /// <param name="ExitCode">Null: unknown, because an earlier silo started the process.</param>
    /// <param name="End">How it ended.</param>
    /// <param name="HasStepped">Whether the process had finished a step.</param>
    /// <param name="Hang">Why the host killed the process, if it did so because of a hang.</param>
    /// <param name="State">The state in the trainer's report.</param>
    /// <param name="IsCompleted">Whether the trainer has no more to do.</param>
    public sealed record Conclude(int? ExitCode, TrainerEnd End, bool HasStepped, string? Hang, TrainerState State, bool IsCompleted) : LoopAction;
}
