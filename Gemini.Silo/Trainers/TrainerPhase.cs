namespace Gemini.Silo.Trainers;

/// <summary>What the host does about a trainer's process now (<see cref="TrainerLife"/>; drawn in <c>DESIGN.md</c>).</summary>
internal enum TrainerPhase
{
    /// <summary>No process is known. If a process holds the lock, it is adopted; otherwise one is started.</summary>
    Beginning,

    /// <summary>A process is being started.</summary>
    Launching,

    /// <summary>A process lives.</summary>
    Living,

    /// <summary>The process is dead or dying, but not gone yet.</summary>
    Leaving,

    /// <summary>The process is gone; its last lines are read.</summary>
    Draining,

    /// <summary>The process is gone. The host finds out why, and when the next one may start.</summary>
    Judging,

    /// <summary>The next process may start after a pause.</summary>
    Pausing,

    /// <summary>The trainer, or the whole job, is finished: no process is needed until a later epoch begins.</summary>
    Resting,

    /// <summary>The host no longer supervises this trainer.</summary>
    Over,
}
