using System.Collections.Immutable;

namespace Gemini.Benchmarks.Memories;

/// <summary>A look at the processes of all hosts.</summary>
/// <param name="Silos">By position.</param>
/// <param name="Trainers">By position; without the one that is killed again and again.</param>
/// <param name="ManagedBytes">The managed heap of each silo, at most in the look.</param>
/// <param name="SegmentBytes">Bytes of each host's segments.</param>
internal sealed record MemorySample(
    ImmutableArray<Footprint> Silos, ImmutableArray<Footprint> Trainers, ImmutableArray<double> ManagedBytes, ImmutableArray<double> SegmentBytes);
