using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.SharedMemory;

/// <summary>What a segment is for. Written when the file is made; never changes while the file exists.</summary>
/// <param name="Job">Name of the job, at most <see cref="SegmentLayout.MaxJobNameBytes"/> bytes of UTF-8.</param>
/// <param name="Owner">The rank whose shard the segment holds.</param>
/// <param name="Run">The run of the job.</param>
public readonly record struct SegmentIdentity(string Job, Rank Owner, JobRun Run = default);
