using System.Collections.Immutable;
using System.Globalization;

namespace Gemini.Silo.Lab.Chaos;

/// <summary>What <c>gemini demo --chaos --report</c> writes. Times in milliseconds.</summary>
/// <param name="Hosts">N.</param>
/// <param name="Replicas">m.</param>
/// <param name="Standby">Standby hosts.</param>
/// <param name="Model">What was trained.</param>
/// <param name="Mode">What the job did with its checkpoints.</param>
/// <param name="Storage">Whether snapshots were persisted.</param>
/// <param name="Seed">The seed of the kills and of the training.</param>
/// <param name="Seconds">Duration of the whole soak.</param>
/// <param name="Recovered">Failures after which the job continued, including those that it did not notice.</param>
/// <param name="Refused">Failures that left no whole snapshot anywhere; the job said so.</param>
/// <param name="RecoveryMsP50">Median time from a kill to the first new iteration.</param>
/// <param name="RecoveryMsP95">The time that 95 % of the recoveries did not exceed.</param>
/// <param name="RecoveryMsMax">The longest time of a recovery.</param>
/// <param name="LostIterations">Sum of the finished iterations that were repeated.</param>
/// <param name="ComparedCommits">Commits that were seen and equal to the uninterrupted run.</param>
/// <param name="FinalIteration">The iteration of the last compared commit.</param>
/// <param name="FinalStateHash">The hash of that commit, over all ranks.</param>
/// <param name="Identical">Whether no commit differed.</param>
/// <param name="Problem">Why the soak ended early; "" if it did not.</param>
/// <param name="Failures">One entry for each failure.</param>
internal sealed record ChaosReport(
    int Hosts, int Replicas, int Standby, string Model, string Mode, bool Storage, long Seed, long Seconds, int Recovered, int Refused,
    long RecoveryMsP50, long RecoveryMsP95, long RecoveryMsMax, long LostIterations, int ComparedCommits, long FinalIteration,
    string? FinalStateHash, bool Identical, string Problem, ImmutableArray<ChaosFailure> Failures)
{
    /// <summary>The smallest value that is not exceeded by this share of the values; 0 if there are none.</summary>
    public static long Percentile(IEnumerable<long> values, double share)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];
    }

    public IEnumerable<string> Lines()
    {
        foreach (var kind in Failures.GroupBy(failure => failure.What).OrderBy(group => group.Key))
        {
            var times = kind.Select(failure => failure.RecoveryMs).OfType<long>().ToList();
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{kind.Key,-8} {kind.Count(),4}: recovered {kind.Count(failure => failure.Outcome == "recovered")}, undisturbed "
                + $"{kind.Count(failure => failure.Outcome == "undisturbed")}, refused {kind.Count(failure => failure.Outcome == "refused")}; "
                + $"recovery p50 {Percentile(times, 0.5)} ms, p95 {Percentile(times, 0.95)} ms; "
                + $"lost iterations {kind.Sum(failure => failure.LostIterations)}");
        }

        yield return string.Create(CultureInfo.InvariantCulture,
            $"{Failures.Length} failures in {Seconds} s: {Recovered} recovered, {Refused} rightly refused; recovery p50 {RecoveryMsP50} ms, "
            + $"p95 {RecoveryMsP95} ms, max {RecoveryMsMax} ms; {ComparedCommits} commits compared up to iteration {FinalIteration}, "
            + $"{(Identical ? "bit for bit those of the uninterrupted run" : "NOT those of the uninterrupted run")}");
        if (Problem.Length > 0) yield return $"FAILED: {Problem}";
    }
}
