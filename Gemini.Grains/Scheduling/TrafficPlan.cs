using System.Collections.Immutable;

namespace Gemini.Grains.Scheduling;

/// <summary>A part of a replica, and the idle span of the iteration in which it is sent.</summary>
/// <param name="Span">Index of the idle span in its iteration.</param>
/// <param name="Replica">Index of the replica: 0 to m − 2.</param>
/// <param name="Offset">Where the part begins in the replica, in bytes.</param>
/// <param name="Bytes">Size of the part.</param>
public readonly record struct PlannedChunk(int Span, int Replica, long Offset, int Bytes);

/// <summary>In which idle span each part of a checkpoint is sent.</summary>
/// <param name="Chunks">All parts of all replicas, in the order of sending.</param>
/// <param name="Overrun">By how much the last span is too short for what is left to it. An iteration becomes longer by that much.</param>
public sealed record TrafficPlan(ImmutableArray<PlannedChunk> Chunks, TimeSpan Overrun)
{
    /// <summary>Nothing is sent.</summary>
    public static TrafficPlan Empty { get; } = new([], TimeSpan.Zero);
}
