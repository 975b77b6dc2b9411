using Gemini.Interfaces.Model;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>Whether the pool is again as it was before the first failure. Pure.</summary>
/// <remarks>
/// If a failure comes while the pool still recovers from the earlier one, the drill measures both together. So the drill waits before each failure
/// until every position has a host that trains, the first iterations after the recovery are committed, the standby is present with a warm trainer,
/// and the spares are warm.
/// </remarks>
internal static class WholePool
{
    /// <summary>
    /// Iterations that must be committed after a recovery before the next failure: enough for the median to know an iteration's duration.
    /// </summary>
    private const int SettledIterations = 3;

    /// <summary>Null if the pool is whole; else what is missing.</summary>
    /// <param name="status">The job.</param>
    /// <param name="standbys">How many standbys belong to a whole pool.</param>
    /// <param name="spares">How many warm spares each trainer should have.</param>
    public static string? Missing(JobStatus status, int standbys, int spares)
    {
        if (status.Phase != JobPhase.Running) return $"the job is {status.Phase.ToString().ToLowerInvariant()}: {status.Reason}";
        var resumed = status.Recoveries is [.., var last] ? last.ResumedIteration.Value : 0;
        if (status.Committed.Value < resumed + SettledIterations) return $"iteration {resumed + SettledIterations} is not committed";
        var waiting = status.Hosts.Count(host => host.Position is null && host.Alive && host.Report.Trainers.All(trainer => trainer.IsWarm));
        if (waiting < standbys) return $"{waiting} of {standbys} standbys are there and warm";
        var cold = status.Hosts.Where(host => host.Position is not null && host.Report.Trainers.Any(trainer => trainer.WarmSpares < spares))
            .Select(host => host.Report.Host).ToList();
        return cold.Count == 0 ? null : $"the spares of {string.Join(", ", cold)} are not warm";
    }
}
