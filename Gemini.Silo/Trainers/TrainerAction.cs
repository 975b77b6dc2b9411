using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Trainers;

/// <summary>What <see cref="TrainerLife"/> has <see cref="SupervisedTrainer"/> do.</summary>
internal abstract record TrainerAction
{
    /// <summary>Say this to the connected trainer.</summary>
    public sealed record Tell(TrainerMessage Message) : TrainerAction;

    /// <summary>End the connection.</summary>
    public sealed record HangUp : TrainerAction;

    /// <summary>A capture of this snapshot began: whoever replicates may follow it.</summary>
    public sealed record Offer(SnapshotId Snapshot) : TrainerAction;

    /// <summary>Start the spares that are missing.</summary>
    public sealed record FillSpares : TrainerAction;

    /// <summary>End the spares.</summary>
    public sealed record ClearSpares : TrainerAction;

    /// <summary>The trainer has come up: whatever was wrong is cured.</summary>
    public sealed record NoteHealthy : TrainerAction;
}

/// <summary>
/// What the loop of the trainer carries out, one after the other and under no lock, because the operating system may take its time.
/// </summary>
internal abstract record LoopAction : TrainerAction
{
    /// <summary>Have a spare take over, or start a process.</summary>
    public sealed record Launch : LoopAction;

    /// <summary>Give up the start that is under way. If it starts a process all the same, that one is killed.</summary>
    public sealed record AbandonLaunch : LoopAction;

    /// <summary>Take on the process that holds the lock.</summary>
    public sealed record Adopt(int Holder) : LoopAction;

    /// <summary>Kill the process, and whichever process holds the lock.</summary>
    public sealed record Kill(string Reason) : LoopAction;

    /// <summary>Watch this process for its death, and no other.</summary>
    public sealed record Watch(int ProcessId) : LoopAction;

    /// <summary>Watch no process any more.</summary>
    public sealed record Unwatch : LoopAction;

    /// <summary>Say that the start takes too long.</summary>
    public sealed record SayStartHangs : LoopAction;

    /// <summary>Say that the process cannot be killed, and try again.</summary>
    public sealed record KillAgain(int ProcessId) : LoopAction;

    /// <summary>Nothing is in the way of a start any more.</summary>
    public sealed record ClearObstacle : LoopAction;

    /// <summary>Find out what it means that no process could be started.</summary>
    public sealed record JudgeLaunch(string Problem) : LoopAction;

    /// <summary>The process is gone. Find out what that means, unless the trainer has no more to do.</summary>
    /// <param name="ExitCode">Null: unknown, because an earlier silo started the process.</param>
    /// <param name="End">How it ended.</param>
    /// <param name="HasStepped">Whether it had finished a step.</param>
    /// <param name="Hang">Why it was killed, if that was for a hang.</param>
    /// <param name="State">What is reported of the trainer.</param>
    /// <param name="IsCompleted">Whether the trainer has no more to do.</param>
    public sealed record Conclude(int? ExitCode, TrainerEnd End, bool HasStepped, string? Hang, TrainerState State, bool IsCompleted) : LoopAction;
}
