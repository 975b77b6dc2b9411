using System.Collections.Immutable;

namespace Gemini.Grains.Scheduling;

/// <summary>Cuts a checkpoint into chunks that fit into the idle spans of one iteration (paper §5.3, Algorithm 2).</summary>
/// <remarks>
/// The printed algorithm has three errors. It takes the time of what is left from a span, not the time of the chunk. It plans m replicas, although
/// the host itself holds one of them. It does not end if the rest of a span is not longer than α. All three are corrected here.
/// </remarks>
public static class TrafficPlanner
{
    /// <summary>Plans m − 1 replicas, one after the other.</summary>
    /// <param name="spans">The idle spans of an iteration, in their order. What does not fit into them is sent in the last one.</param>
    /// <param name="demand">What is sent.</param>
    /// <param name="rate">How long a chunk takes.</param>
    /// <exception cref="ArgumentException">There is something to send and no span.</exception>
    public static TrafficPlan Plan(ImmutableArray<TimeSpan> spans, TrafficDemand demand, NetworkRate rate)
    {
        if (demand.Replicas <= 1 || demand.CheckpointBytes == 0) return TrafficPlan.Empty;
        if (spans.IsEmpty) throw new ArgumentException("An iteration has at least one idle span: the time before its optimizer step.", nameof(spans));
        var chunks = ImmutableArray.CreateBuilder<PlannedChunk>();
        var (span, budget) = (0, spans[0] * demand.Safety);
        for (var replica = 0; replica < demand.Replicas - 1; replica++)
        {
            for (var offset = 0L; offset < demand.CheckpointBytes;)
            {
                var isLast = span == spans.Length - 1;
                var room = isLast ? demand.ChunkBytes : Math.Min(demand.ChunkBytes, rate.BytesIn(budget));
                var bytes = (int)Math.Min(room, demand.CheckpointBytes - offset);
                if (bytes == 0)
                {
                    budget = spans[++span] * demand.Safety;
                    continue;
                }

                chunks.Add(new PlannedChunk(span, replica, offset, bytes));
                offset += bytes;
                budget -= rate.TimeOf(bytes);
            }
        }

        return new TrafficPlan(chunks.ToImmutable(), budget < TimeSpan.Zero ? -budget : TimeSpan.Zero);
    }
}
