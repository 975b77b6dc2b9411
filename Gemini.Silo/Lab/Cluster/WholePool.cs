using Gemini.Interfaces.Model;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>Whether everything is again as it was before the first failure. Pure.</summary>
/// <remarks>
/// A failure that comes while the pool still recovers from the one before measures both. So each of a drill's waits until every position has
/// a host that trains, everything newer than the recovery is committed, the standby is there with a warm trainer, and the spares are warm.
/// </remarks>
internal static class WholePool
{
    /// <summary>Iterations committed since the recovery before the next failure: enough for the median to know the iteration's duration.</summary>
    private const int SettledIterations = 3;

    /// <summary>Null when the pool is whole; else what it waits for.</summary>
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
