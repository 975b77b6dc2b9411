namespace Gemini.Silo.Memory;

/// <summary>How much host memory segments may take. Section "advanced.memory" of the configuration file.</summary>
public sealed record HostMemoryOptions
{
    /// <summary>
    /// Upper limit of the bytes of all segments of this host; null: what the file system has. Range: above 0. Default: null.
    /// A lower limit leaves more memory to the trainers, and refuses a job that would not fit at its start.
    /// </summary>
    public long? LimitBytes { get; init; }
}
