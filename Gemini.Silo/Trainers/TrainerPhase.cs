namespace Gemini.Silo.Trainers;

/// <summary>What the host does about a trainer's process now (<see cref="TrainerLife"/>; drawn in <c>DESIGN.md</c>).</summary>
internal enum TrainerPhase
{
    /// <summary>No process is known. If one holds the lock, it is adopted; if none does, one is started.</summary>
    Beginning,

    /// <summary>A process is being started.</summary>
    Launching,

    /// <summary>A process is there.</summary>
    Living,

    /// <summary>The process is dead or about to be, and is not gone yet.</summary>
    Leaving,

    /// <summary>The process is gone; its last lines are read.</summary>
    Draining,

    /// <summary>The process is gone; it is found out why, and when the next one may start.</summary>
    Judging,

    /// <summary>The next process may start after a pause.</summary>
    Pausing,

    /// <summary>The trainer, or the whole job, is finished: no process is needed until a later epoch begins.</summary>
    Resting,

    /// <summary>The host looks after this trainer no more.</summary>
    Over,
}
