namespace Gemini.Grains.Recovery;

/// <summary>What hosts found in persistent storage.</summary>
public enum StorageFinding
{
    /// <summary>A host has yet to look.</summary>
    Waiting,

    /// <summary>A snapshot that every host sees complete and alike.</summary>
    Found,

    /// <summary>No host sees any trace of a snapshot of this job.</summary>
    Empty,

    /// <summary>There is something, and it cannot be used or read.</summary>
    Unusable,
}
