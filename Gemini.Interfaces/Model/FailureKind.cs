namespace Gemini.Interfaces.Model;

/// <summary>What failed (paper §6.1).</summary>
[GenerateSerializer, Alias("gemini.FailureKind")]
public enum FailureKind
{
    /// <summary>A process; the host lives and its memory with it.</summary>
    Software,

    /// <summary>A host, and its memory with it.</summary>
    Hardware,

    /// <summary>Nothing: a host was told to stop and left.</summary>
    Planned,
}
