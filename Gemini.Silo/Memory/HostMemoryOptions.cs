namespace Gemini.Silo.Memory;

/// <summary>How much host memory segments may take. Section "advanced.memory" of the configuration file.</summary>
public sealed record HostMemoryOptions
{
    /// <summary>
    /// Upper limit of the bytes of all segments and staging buffers of this host. Null: only the file system, the machine's memory and the control
    /// groups limit them. Range: above 0. Default: null. A limit leaves more memory to the trainers; a job that does not fit is then refused when it
    /// starts.
    /// </summary>
    public long? LimitBytes { get; init; }
}
