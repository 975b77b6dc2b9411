using Gemini.Interfaces.Model;

namespace Gemini.Silo.Status;

/// <summary>Decides how safe a job is, from what its root agent answered. Pure.</summary>
internal static class Safety
{
    /// <param name="status">The job's status.</param>
    /// <param name="record">Its commit record; null when that was not answered.</param>
    public static (SafetyVerdict Verdict, string Reason) Evaluate(JobStatus status, CommitRecord? record)
    {
        if (status.Phase == JobPhase.Failed) return (SafetyVerdict.Failed, status.Reason);
        if (status.Phase is not (JobPhase.Running or JobPhase.Completed)) return (SafetyVerdict.Recovering, status.Reason);
        if (record is null) return (SafetyVerdict.Degraded, "the root agent did not say in time who holds the committed snapshot");
        if (record.Committed is not { } committed)
        {
            return (SafetyVerdict.Degraded,
                status.Committed == Iteration.Zero ? "nothing is committed yet" : "it is not known yet who holds the committed snapshot");
        }

        var wanted = status.Job.Replicas;
        var lacking = record.Shards.Where(shard => shard.Copies.Length < wanted).ToList();
        if (lacking.Count > 0)
        {
            var fewest = lacking.Min(shard => shard.Copies.Length);
            var ranks = lacking.Where(shard => shard.Copies.Length == fewest).Select(shard => shard.Replica.Owner).ToList();
            return (SafetyVerdict.Degraded,
                $"of snapshot {committed}, the {(ranks.Count == 1 ? "shard of rank" : "shards of ranks")} {Ranks(ranks)} "
                + $"{(ranks.Count == 1 ? "has" : "have")} {fewest} of {wanted} copies");
        }

        return status.Reason.Length > 0 && status.Phase == JobPhase.Running
            ? (SafetyVerdict.Degraded, status.Reason)
            : (SafetyVerdict.Safe, $"snapshot {committed} has all {wanted} {(wanted == 1 ? "copy" : "copies")} of every shard on live hosts");
    }

    /// <summary>At most a few of them.</summary>
    private static string Ranks(List<Rank> ranks)
    {
        const int Shown = 8;
        var text = string.Join(", ", ranks.Take(Shown));
        return ranks.Count > Shown ? $"{text} and {ranks.Count - Shown} more" : text;
    }
}
