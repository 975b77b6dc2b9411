namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>How one stage of a save ended.</summary>
public enum SaveOutcome
{
    /// <summary>The stage is done.</summary>
    Completed,

    /// <summary>No snapshot was taken of this iteration, because no slot became free in time.</summary>
    Skipped,

    /// <summary>Another rank took no snapshot of this iteration, so it will never be committed.</summary>
    Abandoned,

    /// <summary>The epoch ended first. The job may still resume from this snapshot.</summary>
    EpochEnded,

    /// <summary>Capturing failed. The reason is logged when saves begin to fail. Training is not affected.</summary>
    Failed,

    /// <summary>The job has no persistent storage, or takes no checkpoints at all, so there is nothing to wait for.</summary>
    NotConfigured,
}
