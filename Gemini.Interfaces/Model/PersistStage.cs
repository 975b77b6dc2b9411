namespace Gemini.Interfaces.Model;

/// <summary>How far a host is with its shards of the snapshot that is being persisted.</summary>
[GenerateSerializer, Alias("gemini.PersistStage")]
public enum PersistStage
{
    /// <summary>The snapshot is not sealed yet.</summary>
    Waiting,

    /// <summary>The host is writing its own copy to storage, so training may overwrite the slots.</summary>
    Staged,

    /// <summary>The host's shards are in storage.</summary>
    Stored,

    /// <summary>
    /// The host can no longer get the snapshot: a slot was used again, or the snapshot was skipped or lost. Another snapshot must be persisted.
    /// </summary>
    Missed,

    /// <summary>The manifest is written: the snapshot is complete in storage.</summary>
    Completed,
}
