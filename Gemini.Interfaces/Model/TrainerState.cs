namespace Gemini.Interfaces.Model;

/// <summary>Where a training process stands, as its own host sees it.</summary>
[GenerateSerializer, Alias("gemini.TrainerState")]
public enum TrainerState
{
    /// <summary>The process was started and has not connected yet.</summary>
    Starting,

    /// <summary>A process of an earlier silo holds the trainer's lock: it lives, and is expected to reconnect.</summary>
    Awaited,

    /// <summary>Connected; waits for a rank or for a restore point.</summary>
    Waiting,

    /// <summary>Was given a restore point and loads it.</summary>
    Loading,

    /// <summary>Iterates.</summary>
    Training,

    /// <summary>Lost a peer in a collective; waits for the root agent's decision.</summary>
    Interrupted,

    /// <summary>Finished the last iteration, its snapshot committed.</summary>
    Finished,

    /// <summary>The process is gone.</summary>
    Exited,
}
