using Gemini.Interfaces.Model;

namespace Gemini.Silo.Status;

/// <summary>Decides how safe a job is, from the root agent's answers. Pure.</summary>
internal static class Safety
{
    /// <param name="status">The job's status.</param>
    /// <param name="record">Its commit record; null if the root agent did not answer that.</param>
    /// <param name="bounds">How far commits may be behind; null: the default.</param>
    public static (SafetyVerdict Verdict, string Reason) Evaluate(JobStatus status, CommitRecord? record, SafetyBounds? bounds = null)
    {
        var (verdict, reason) = status.Phase switch
        {
            JobPhase.Failed => (SafetyVerdict.Failed, PhaseReason(status)),
            JobPhase.Completed when IsStored(status) && !StatusWarnings.IsAskedForMore(status) =>
                (SafetyVerdict.Safe, $"the job is finished; in storage: iteration {status.Persisted}"),
            JobPhase.Running or JobPhase.Persisting or JobPhase.Completed => Evaluate(status, record, StatusWarnings.Of(status, record, bounds)),
            _ => (SafetyVerdict.Recovering, PhaseReason(status)),
        };
        return (verdict, StatusText.Tidy(reason));
    }

    /// <summary>Why the job is in its phase. Empty only for a job that has nothing to wait for.</summary>
    public static string PhaseReason(JobStatus status) => status.Reason.Length > 0 ? StatusText.Tidy(status.Reason) : status.Phase switch
    {
        JobPhase.Forming => "the root agent waits for hosts to report",
        JobPhase.Halting => "hosts stop their trainers and say what they hold",
        JobPhase.Replacing => "a position has no host",
        JobPhase.Preparing => "hosts fetch the copies that trainers will load",
        JobPhase.Resuming => "trainers load, and finish their first iteration",
        JobPhase.Failed => "the root agent did not say why",
        _ => "",
    };

    private static (SafetyVerdict Verdict, string Reason) Evaluate(JobStatus status, CommitRecord? record, IEnumerable<StatusWarning> warnings)
    {
        if (record is null) return (SafetyVerdict.Degraded, "the root agent did not say in time which hosts hold the committed snapshot");
        // The worst warning and the next one: "commits are behind" says little without its cause.
        var degrading = warnings.Where(warning => warning.Degrades).Select(warning => warning.Text).Take(2);
        if (record.Committed is not { } committed) return (SafetyVerdict.Degraded, string.Join("; ", degrading.Prepend(DescribeUnknown(status))));
        if (string.Join("; ", degrading) is { Length: > 0 } worst) return (SafetyVerdict.Degraded, worst);
        var copies = $"all {status.Job.Replicas} {(status.Job.Replicas == 1 ? "copy" : "copies")}";
        return (SafetyVerdict.Safe, $"snapshot {committed} has {copies} of every shard on live hosts");
    }

    /// <summary>A finished job cannot lose what is in storage, whatever happens to its hosts.</summary>
    private static bool IsStored(JobStatus status) =>
        status.Job.Storage is not null && status.Persisted > Iteration.Zero && status.Persisted >= status.Committed;

    private static string DescribeUnknown(JobStatus status)
    {
        if (status.Committed == Iteration.Zero) return "nothing is committed yet";
        var stored = status.Persisted > Iteration.Zero ? $"; in storage: iteration {status.Persisted}" : "";
        return status.Phase == JobPhase.Completed
            ? $"the job is finished, and no live host is known to hold iteration {status.Committed}{stored}"
            : $"it is not known yet which hosts hold the committed snapshot (iteration {status.Committed}){stored}";
    }
}
