namespace Gemini.Silo.Memory;

/// <summary>What can bound the memory of segments.</summary>
internal enum MemoryBoundKind
{
    /// <summary>A file system in memory, by its size.</summary>
    Tmpfs,

    /// <summary>A file system on a disk.</summary>
    Disk,

    /// <summary>The memory of the machine that is still available to programs.</summary>
    Machine,

    /// <summary>A control group of this process, by its memory limit.</summary>
    ControlGroup,
}
