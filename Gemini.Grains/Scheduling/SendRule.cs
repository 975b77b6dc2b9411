using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Scheduling;

/// <summary>
/// Decides whether a host may send a part of a replica now. In effect this is Algorithm 2 of the paper (§5.3), evaluated while it runs: a host sends
/// part after part as long as they fit into the idle span, and goes on in the next span.
/// </summary>
/// <remarks>
/// <para>Three things differ from a plan that is made before. A span that ends too early closes at once. A replica for which the idle time of an
/// iteration is too short goes on in the next iterations, and only then is sent for some more time after each longest span: the share ε of an
/// iteration. All hosts of a job have the same spans, so they delay training at the same moment, and by ε in all. A checkpoint is then committed
/// every n-th iteration, with the n of <see cref="CheckpointInterval"/>, and every iteration again as soon as there is room.</para>
/// <para>A replica that was not sent within <see cref="CheckpointPolicy.OverdueIterations"/> is sent in any case: a commit may become late, but it
/// never stays away. That happens, for example, if ranks wait for each other most of the time, because a rank that waits counts as busy.</para>
/// </remarks>
public static class SendRule
{
    /// <summary>How much may be on its way while nobody knows whether training begins to use the network, as time on the path.</summary>
    public static readonly TimeSpan InFlightMin = TimeSpan.FromMilliseconds(2);

    /// <summary>How much may be on its way at most. With it, a sender wakes up every 5 ms.</summary>
    public static readonly TimeSpan InFlightMax = TimeSpan.FromMilliseconds(10);

    /// <summary>The verdict on one part.</summary>
    /// <param name="facts">What is known.</param>
    /// <param name="safety">μ, the share of an idle span that is used. Above 0, at most 1.</param>
    /// <param name="tolerance">ε, the share of an iteration by which replicas may make it longer. From 0 to 1.</param>
    public static SendVerdict Decide(in SendFacts facts, double safety, double tolerance)
    {
        if (!facts.IsTraining || facts.Iteration == TimeSpan.Zero) return SendVerdict.Still;
        // Whatever takes longer than an iteration is no part of one: an evaluation, or a peer that hangs.
        if (facts.Unchanged > facts.Iteration) return SendVerdict.Still;
        if (facts.Age > facts.Iteration * CheckpointPolicy.OverdueIterations) return SendVerdict.Overdue;
        if (facts.IsBusy) return IsTolerated(facts, safety, tolerance) ? SendVerdict.Tolerated : SendVerdict.Busy;
        if (facts.Span >= facts.Spans.Length) return SendVerdict.Unplanned;
        return facts.Unchanged + facts.Length <= facts.Spans[facts.Span].Usable(safety) ? SendVerdict.Idle : SendVerdict.Ending;
    }

    /// <summary>
    /// If a part may not be sent: for how long that certainly stays so, as far as the profiled iterations tell. A sender that waits so long wakes up
    /// shortly before the next span into which the part fits, and not every millisecond. Zero if that is not known.
    /// </summary>
    /// <param name="facts">What is known.</param>
    /// <param name="safety">μ.</param>
    public static TimeSpan ShortestWait(in SendFacts facts, double safety)
    {
        if (facts.Span < 0 || facts.Span >= facts.Spans.Length) return TimeSpan.Zero;
        var span = facts.Spans[facts.Span];
        if (facts.IsBusy) return Rest(span.ShortestUse, facts.Unchanged) + UntilUseful(facts, safety);
        var end = Rest(span.Shortest, facts.Unchanged);
        // After the longest span the part may be tolerated, so the sender has to see its end.
        return facts.Age > facts.Iteration && facts.Span == LongestOf(facts.Spans, safety)
            ? end
            : end + span.ShortestUse + UntilUseful(facts, safety);
    }

    /// <summary>
    /// If a part may be sent: how much may be on its way, as time on the path. Training waits for what is on its way when it begins to use the network.
    /// So it may be much if that certainly has left before, as far as the profiled iterations tell.
    /// </summary>
    /// <param name="facts">What is known.</param>
    /// <param name="safety">μ.</param>
    public static TimeSpan InFlight(in SendFacts facts, double safety)
    {
        if (!facts.IsTraining) return InFlightMax;
        if (facts.IsBusy || facts.Span >= facts.Spans.Length) return InFlightMin;
        var span = facts.Spans[facts.Span];
        var certain = Rest(span.Shortest, facts.Unchanged);
        var most = certain < InFlightMin ? InFlightMin : certain > InFlightMax ? InFlightMax : certain;
        var rest = Rest(span.Usable(safety), facts.Unchanged);
        return rest < most ? rest : most;
    }

    private static TimeSpan Rest(TimeSpan whole, TimeSpan passed) => passed < whole ? whole - passed : TimeSpan.Zero;

    /// <summary>From the begin of the next span to that of the next one into which the part fits; in this iteration.</summary>
    private static TimeSpan UntilUseful(in SendFacts facts, double safety)
    {
        var time = TimeSpan.Zero;
        for (var next = facts.Span + 1; next < facts.Spans.Length; next++)
        {
            if (facts.Length <= facts.Spans[next].Usable(safety)) break;
            time += facts.Spans[next].Shortest + facts.Spans[next].ShortestUse;
        }

        return time;
    }

    private static bool IsTolerated(in SendFacts facts, double safety, double tolerance) =>
        facts.Age > facts.Iteration
        && facts.Unchanged + facts.Length <= facts.Iteration * tolerance
        && facts.Span == LongestOf(facts.Spans, safety);

    /// <summary>−1 if there is none.</summary>
    private static int LongestOf(ImmutableArray<SpanStatistics> spans, double safety)
    {
        var (longest, usable) = (-1, TimeSpan.Zero);
        for (var span = 0; span < spans.Length; span++)
        {
            if (spans[span].Usable(safety) > usable) (longest, usable) = (span, spans[span].Usable(safety));
        }

        return longest;
    }

    /// <summary>Whether the part may be sent.</summary>
    public static bool MaySend(this SendVerdict verdict) => verdict < SendVerdict.Busy;
}
