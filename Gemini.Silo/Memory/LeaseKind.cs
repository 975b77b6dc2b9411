namespace Gemini.Silo.Memory;

/// <summary>What a <see cref="SegmentLease"/> is for.</summary>
internal enum LeaseKind
{
    /// <summary>Reads a sealed copy; no receive takes its slot.</summary>
    Read,

    /// <summary>Reads a copy while it is captured; no receive takes its slot.</summary>
    Follow,

    /// <summary>Reads a sealed copy, but blocks nobody: a receive may take the slot.</summary>
    Watch,
}
