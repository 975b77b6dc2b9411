using System.Collections.Immutable;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Grains.Scheduling;

/// <summary>
/// The online profile of an iteration (paper §5.4): how long its idle spans are. It is learnt from the first iterations, always from the newest ones
/// after that, and anew if iterations get another shape.
/// </summary>
/// <remarks>
/// Immutable. An iteration fits the profile if it has as many idle spans, and if their lengths differ from the means by at most
/// <see cref="Tolerance"/> of the idle time in all. One that fits takes the place of the oldest one, because the first iterations of a job are often
/// slower than all later ones. A single odd iteration changes nothing. If <see cref="StrangersMax"/> iterations in a row do not
/// fit the profile but fit each other, they become the profile at once, and the next ones make it more exact.
/// </remarks>
public sealed record SpanProfile
{
    /// <summary>How much an iteration may differ, as a share of its idle time.</summary>
    public const double Tolerance = 0.25;

    /// <summary>How many iterations of another shape replace the profile.</summary>
    public const int StrangersMax = 5;

    private ImmutableArray<NetworkIteration> _known = [];
    private ImmutableArray<NetworkIteration> _strangers = [];

    /// <param name="iterations">How many iterations are profiled, at least 1. The paper takes about 20.</param>
    public SpanProfile(int iterations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, 1);
        Iterations = iterations;
    }

    /// <summary>How many iterations are profiled.</summary>
    public int Iterations { get; }

    /// <summary>The idle spans of an iteration, in their order. Empty until enough iterations are known.</summary>
    public ImmutableArray<SpanStatistics> Spans { get; private init; } = [];

    /// <summary>The profile with one more iteration.</summary>
    /// <param name="iteration">Without idle spans, it says nothing.</param>
    public SpanProfile With(NetworkIteration iteration)
    {
        if (iteration.Idle.IsEmpty) return this;
        if (_known.IsEmpty) return Of([iteration]);
        if (Fits(iteration, _known)) return Of([.. _known.TakeLast(Iterations - 1), iteration]);
        var strangers = _strangers.IsEmpty || Fits(iteration, _strangers) ? _strangers.Add(iteration) : [iteration];
        return strangers.Length < StrangersMax ? this with { _strangers = strangers } : Of(strangers);
    }

    /// <summary>Whether an iteration has the shape of the others.</summary>
    private static bool Fits(NetworkIteration iteration, ImmutableArray<NetworkIteration> others)
    {
        if (iteration.Idle.Length != others[0].Idle.Length) return false;
        var (difference, total) = (0.0, 0.0);
        for (var span = 0; span < iteration.Idle.Length; span++)
        {
            var mean = others.Average(other => other.Idle[span].Ticks);
            difference += Math.Abs(iteration.Idle[span].Ticks - mean);
            total += mean;
        }

        return difference <= total * Tolerance;
    }

    private static SpanStatistics StatisticsOf(ImmutableArray<NetworkIteration> known, int span)
    {
        double[] ticks = [.. known.Select(iteration => (double)iteration.Idle[span].Ticks)];
        var mean = ticks.Average();
        var deviation = Math.Sqrt(ticks.Sum(length => (length - mean) * (length - mean)) / ticks.Length);
        var use = known.Min(iteration => span < iteration.Busy.Length ? iteration.Busy[span] : TimeSpan.Zero);
        return new SpanStatistics(new TimeSpan((long)mean), new TimeSpan((long)ticks.Min()), mean > 0 ? deviation / mean : 0, use);
    }

    private SpanProfile Of(ImmutableArray<NetworkIteration> known) => this with
    {
        _known = known,
        _strangers = [],
        Spans = Spans.IsEmpty && known.Length < Iterations
            ? []
            : [.. Enumerable.Range(0, known[0].Idle.Length).Select(span => StatisticsOf(known, span))],
    };
}
