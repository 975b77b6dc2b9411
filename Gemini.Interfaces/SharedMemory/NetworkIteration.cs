using System.Collections.Immutable;

namespace Gemini.Interfaces.SharedMemory;

/// <summary>How one iteration of a trainer used the training network.</summary>
/// <param name="Duration">From the beginning of the iteration to that of the next one.</param>
/// <param name="Idle">The spans in which the trainer did not use the network, in their order. The paper calls them network idle timespans (§5.1).</param>
/// <param name="Busy">The times between the spans: how long the network was in use after each span but the last one.</param>
public sealed record NetworkIteration(TimeSpan Duration, ImmutableArray<TimeSpan> Idle, ImmutableArray<TimeSpan> Busy)
{
    /// <summary>When it began, in nanoseconds of the machine's monotonic clock.</summary>
    public long Begin { get; init; }
}
