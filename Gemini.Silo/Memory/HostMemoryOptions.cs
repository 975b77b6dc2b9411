using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Memory;

/// <summary>How much host memory segments may take, and in what pieces.</summary>
internal sealed class HostMemoryOptions
{
    /// <summary>
    /// Upper limit of the bytes of all segments of this host; null: what the file system has. Range: above 0. Default: null.
    /// A lower limit leaves more memory to the trainers, and refuses a job that would not fit at its start.
    /// </summary>
    public long? LimitBytes { get; set; }

    /// <summary>
    /// Payload bytes under one hash and in one frame. Range: 4096 to 64 MiB, a multiple of 4096; the same on all hosts of a
    /// job. Default: 1 MiB. Larger chunks cost fewer system calls and lag further behind a capture.
    /// </summary>
    public int ChunkBytes { get; set; } = SegmentLayout.DefaultChunkBytes;
}
