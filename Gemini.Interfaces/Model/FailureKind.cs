namespace Gemini.Interfaces.Model;

/// <summary>What failed (paper §6.1).</summary>
[GenerateSerializer, Alias("gemini.FailureKind")]
public enum FailureKind
{
    /// <summary>A process failed; the host and its memory are intact.</summary>
    Software,

    /// <summary>A host failed; its memory is lost too.</summary>
    Hardware,

    /// <summary>Nothing failed: a host was told to stop, and left.</summary>
    Planned,
}
