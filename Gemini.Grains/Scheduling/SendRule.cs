namespace Gemini.Grains.Scheduling;

/// <summary>
/// Decides whether a host may send a part of a replica now. In effect this is Algorithm 2 of the paper (§5.3), evaluated while it runs: a host sends
/// part after part as long as they fit into the idle span, and goes on in the next span.
/// </summary>
/// <remarks>
/// Two things differ from a plan that is made before. A span that ends too early closes at once. And a replica that could not be sent in the idle
/// time of one iteration is sent in any case then: a commit may become late, but it never stays away. That happens, for example, if ranks wait for
/// each other most of the time, because a rank that waits counts as busy.
/// </remarks>
public static class SendRule
{
    /// <summary>The verdict on one part.</summary>
    /// <param name="facts">What is known.</param>
    /// <param name="safety">μ, the share of an idle span that is used. Above 0, at most 1.</param>
    public static SendVerdict Decide(in SendFacts facts, double safety)
    {
        if (!facts.IsTraining || facts.Iteration == TimeSpan.Zero) return SendVerdict.Still;
        // Whatever takes longer than an iteration is no part of one: an evaluation, or a peer that hangs.
        if (facts.Unchanged > facts.Iteration) return SendVerdict.Still;
        if (facts.Age > facts.Iteration) return SendVerdict.Overdue;
        if (facts.IsBusy) return SendVerdict.Busy;
        if (facts.Span >= facts.Spans.Length) return SendVerdict.Unplanned;
        return facts.Unchanged + facts.Length <= facts.Spans[facts.Span].Usable(safety) ? SendVerdict.Idle : SendVerdict.Ending;
    }

    /// <summary>Whether the part may be sent.</summary>
    public static bool MaySend(this SendVerdict verdict) => verdict < SendVerdict.Busy;
}
