using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Trainers;

/// <summary>Something that happened to a trainer, or that its host has noticed. The input of <see cref="TrainerLife"/>.</summary>
internal abstract record TrainerEvent
{
    /// <summary>The loop has looked at the process, at the lock and at the clock.</summary>
    /// <param name="HasEnded">The process that this silo started has exited.</param>
    /// <param name="ExitCode">Its exit code; null if it is unknown.</param>
    /// <param name="IsLockHeld">Whether a process holds the lock. Null: the loop had no reason to look.</param>
    /// <param name="Holder">The process that holds the lock; 0 if it is unknown.</param>
    public sealed record Looked(bool HasEnded = false, int? ExitCode = null, bool? IsLockHeld = null, int Holder = 0) : TrainerEvent;

    /// <summary>A process was started, or a spare was told to take over.</summary>
    public sealed record Launched(int ProcessId, bool IsSpare = false) : TrainerEvent;

    /// <summary>The operating system started no process.</summary>
    public sealed record LaunchFailed(string Problem) : TrainerEvent;

    /// <summary>The host has decided what follows from the end of the process: the next one may start after this pause.</summary>
    public sealed record Judged(TimeSpan Pause) : TrainerEvent;

    /// <summary>The loop has met an unexpected error.</summary>
    public sealed record Broke : TrainerEvent;

    /// <summary>The kernel has begun to end the process. Its socket ends later.</summary>
    public sealed record Signalled(int ProcessId) : TrainerEvent;

    /// <summary>A trainer has connected. Valid only if <see cref="TrainerLife.Accepts"/> it.</summary>
    /// <param name="Message">Its first line.</param>
    /// <param name="CatchUp">Messages that it missed while it was not connected.</param>
    public sealed record Hello(TrainerHello Message, IReadOnlyList<TrainerMessage> CatchUp) : TrainerEvent;

    /// <summary>The connected trainer said a line.</summary>
    public sealed record Said(TrainerMessage Message) : TrainerEvent;

    /// <summary>The connection has ended.</summary>
    /// <param name="HasLeft">The trainer ended it; otherwise the silo did, and the trainer may connect again.</param>
    public sealed record HungUp(bool HasLeft) : TrainerEvent;

    /// <summary>Every epoch before this one must end.</summary>
    public sealed record StopAsked(Epoch Epoch) : TrainerEvent;

    /// <summary>The silo started while this epoch ran. A trainer that is in the epoch, or whose hello will say so, is left alone.</summary>
    public sealed record EpochRuns(Epoch Epoch) : TrainerEvent;

    /// <summary>The job was finished in this epoch: no process is needed until a later one begins.</summary>
    public sealed record JobFinished(Epoch Epoch) : TrainerEvent;

    /// <summary>The process must end.</summary>
    public sealed record KillAsked(string Reason) : TrainerEvent;

    /// <summary>The host stops: the trainer must exit, and no other process is started.</summary>
    public sealed record ShutdownAsked(string Reason) : TrainerEvent;

    /// <summary>The silo ends, and the process continues.</summary>
    public sealed record Detached : TrainerEvent;

    /// <summary>The rank that belongs to this trainer's local index now; null: the host has no position.</summary>
    public sealed record RankNeeded(Rank? Rank) : TrainerEvent;

    /// <summary>The trainer was told its rank.</summary>
    public sealed record Joined(Rank Rank) : TrainerEvent;

    /// <summary>The trainer declared the size of its shard.</summary>
    public sealed record Declared(long PayloadBytes) : TrainerEvent;

    /// <summary>The training loop asks for a restore point.</summary>
    public sealed record Asked : TrainerEvent;

    /// <summary>The training loop was given the restore point of this epoch.</summary>
    public sealed record Handed(Epoch Epoch) : TrainerEvent;

    /// <summary>The trainer holds the state of this iteration and iterates in this epoch.</summary>
    public sealed record Loaded(Epoch Epoch, Iteration Iteration) : TrainerEvent;

    /// <summary>The trainer sealed its shard of this iteration.</summary>
    public sealed record Captured(Iteration Iteration) : TrainerEvent;

    /// <summary>The trainer skipped a save.</summary>
    public sealed record Skipped : TrainerEvent;
}
