namespace Gemini.Interfaces.Model;

/// <summary>What a training process is doing, as its own host sees it.</summary>
[GenerateSerializer, Alias("gemini.TrainerState")]
public enum TrainerState
{
    /// <summary>The process was started and has not connected yet.</summary>
    Starting,

    /// <summary>A process that an earlier silo started holds the trainer's lock: the process is alive and is expected to reconnect.</summary>
    Awaited,

    /// <summary>Connected; waits for a rank or for a restore point.</summary>
    Waiting,

    /// <summary>Got a restore point and loads it.</summary>
    Loading,

    /// <summary>Trains.</summary>
    Training,

    /// <summary>Lost a peer in a collective; waits for the root agent's decision.</summary>
    Interrupted,

    /// <summary>Finished the last iteration, and its snapshot is committed.</summary>
    Finished,

    /// <summary>The process has ended.</summary>
    Exited,
}
