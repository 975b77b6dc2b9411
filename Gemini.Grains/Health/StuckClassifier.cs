using System.Collections.Immutable;

namespace Gemini.Grains.Health;

/// <summary>Finds the ranks that hang in a job that makes no step. Pure.</summary>
/// <remarks>
/// In synchronous training one hanging rank stops all. The signs, from the strongest to the weakest: a rank does not answer; a rank computes while
/// others wait for it; a rank has finished fewer iterations. The verdict only names ranks and kills no process. In the new epoch every trainer must
/// answer <c>stop</c> and ask for its restore point. If a trainer does not, its own host ends it.
/// </remarks>
internal static class StuckClassifier
{
    /// <param name="ranks">All ranks of the job; at least one.</param>
    public static (ImmutableArray<StuckObservation> Culprits, string Reason) Evaluate(IReadOnlyCollection<StuckObservation> ranks)
    {
        if (Select(ranks, rank => rank.Answer is ProbeAnswer.Silent or ProbeAnswer.Refused) is { IsEmpty: false } silent)
            return (silent, $"{Names(silent)} {(silent.Length == 1 ? "does" : "do")} not answer");
        if (ranks.Any(rank => rank.Answer == ProbeAnswer.WaitingForPeers)
            && Select(ranks, rank => rank.Answer == ProbeAnswer.Computing) is { IsEmpty: false } computing)
            return (computing, $"the others wait for {Names(computing)}");
        var (fewest, most) = (ranks.Min(rank => rank.Iteration), ranks.Max(rank => rank.Iteration));
        if (fewest < most && Select(ranks, rank => rank.Iteration == fewest) is var behind)
            return (behind, $"{Names(behind)} {(behind.Length == 1 ? "is" : "are")} behind, at iteration {fewest}");
        return ([.. ranks], "all trainers answer, so nobody can tell which one hangs");
    }

    private static ImmutableArray<StuckObservation> Select(IEnumerable<StuckObservation> ranks, Func<StuckObservation, bool> selected) =>
        [.. ranks.Where(selected)];

    private static string Names(ImmutableArray<StuckObservation> ranks) =>
        string.Join(", ", ranks.Select(rank => $"rank {rank.Rank} on {rank.Host}"));
}
