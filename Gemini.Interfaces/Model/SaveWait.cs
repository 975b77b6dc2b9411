namespace Gemini.Interfaces.Model;

/// <summary>What a save waits for before training continues.</summary>
public enum SaveWait
{
    /// <summary>Nothing: training continues at once.</summary>
    Nothing,

    /// <summary>The host has its own copy of the state for storage.</summary>
    Staged,

    /// <summary>The snapshot is committed.</summary>
    Committed,
}
