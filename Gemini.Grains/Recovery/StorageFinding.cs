namespace Gemini.Grains.Recovery;

/// <summary>What hosts found in persistent storage.</summary>
public enum StorageFinding
{
    /// <summary>A host has not looked yet.</summary>
    Waiting,

    /// <summary>Every host sees the same complete snapshot.</summary>
    Found,

    /// <summary>No host sees any trace of a snapshot of this job.</summary>
    Empty,

    /// <summary>Something is in storage, but it cannot be used or read.</summary>
    Unusable,
}
