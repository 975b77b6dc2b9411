namespace Gemini.Interfaces.Model;

/// <summary>How far a host is with its shards of the snapshot that is being persisted.</summary>
[GenerateSerializer, Alias("gemini.PersistStage")]
public enum PersistStage
{
    /// <summary>The snapshot is not sealed yet.</summary>
    Waiting,

    /// <summary>A private copy is being written to storage; training may overwrite the slots.</summary>
    Staged,

    /// <summary>The host's shards are in storage.</summary>
    Stored,

    /// <summary>The host cannot have it any more: a slot was used again, skipped or lost. Another snapshot has to be taken.</summary>
    Missed,

    /// <summary>The manifest is written: the snapshot is complete in storage.</summary>
    Completed,
}
