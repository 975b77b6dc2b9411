using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.SharedMemory;

/// <summary>What a segment is for. It is written when the file is made and does not change as long as the file lives.</summary>
/// <param name="Job">Name of the job, at most <see cref="SegmentLayout.MaxJobNameBytes"/> bytes of UTF-8.</param>
/// <param name="Owner">The rank whose shard the segment takes.</param>
/// <param name="Run">The run of the job.</param>
public readonly record struct SegmentIdentity(string Job, Rank Owner, JobRun Run = default);
