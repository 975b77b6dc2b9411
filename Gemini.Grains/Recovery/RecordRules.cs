using System.Collections.Immutable;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>Rules for every record and for every change of the record while a root agent lives. Pure.</summary>
internal static class RecordRules
{
    /// <exception cref="InvariantViolatedException">The change breaks a rule.</exception>
    public static void Check(RootRecord before, RootRecord after, JobSpec job)
    {
        CheckEpoch(before, after);
        Invariant.Check(before.Epoch == Epoch.Zero || ReferenceEquals(before.Spec, after.Spec), "the specification changes in the middle of the job");
        Invariant.Check(before.Epoch == Epoch.Zero || before.Run == after.Run, $"the run changes in the middle of the job, from {before.Run} to {after.Run}");
        if (after.Assignment != before.Assignment) CheckAssignment(after.Assignment, job);
        if (after.Recoveries != before.Recoveries) CheckRecoveries(after);
        CheckLength(after.ShardBytes.Length, job, "shard sizes");
        CheckLength(after.Liveness.Length, job, "liveness addresses");
    }

    private static void CheckEpoch(RootRecord before, RootRecord after)
    {
        Invariant.Check(after.Epoch >= before.Epoch, $"the record goes from epoch {before.Epoch} back to {after.Epoch}");
        var isNew = after.Epoch > before.Epoch;
        Invariant.Check(isNew || after.Abandoned >= before.Abandoned, $"iteration {before.Abandoned} is no longer abandoned, but {after.Abandoned}");
        if (after.Restore is { } restored)
            Invariant.Check(restored.Epoch < after.Epoch, $"epoch {after.Epoch} resumes from snapshot {restored}, which is not of an earlier epoch");
        if (after.Persisted is { } persisted)
            Invariant.Check(persisted.Epoch <= after.Epoch, $"snapshot {persisted} is in storage in epoch {after.Epoch}");
    }

    private static void CheckAssignment(ImmutableArray<HostName?> assignment, JobSpec job)
    {
        Invariant.Check(assignment.Length == job.HostCount, $"{assignment.Length} positions in a job of {job.HostCount} hosts");
        var hosts = new HashSet<HostName>();
        foreach (var host in assignment)
            Invariant.Check(host is not { } name || hosts.Add(name), $"host {host} has two positions");
    }

    /// <summary>Only the newest time line may be open.</summary>
    private static void CheckRecoveries(RootRecord record)
    {
        if (record.Recoveries is not [.., var before, var last]) return;
        Invariant.Check(before.ResumedAt != 0, $"the recovery of epoch {before.Epoch} is open beside that of epoch {last.Epoch}");
        Invariant.Check(before.Epoch < last.Epoch, $"the recovery of epoch {last.Epoch} follows that of epoch {before.Epoch}");
    }

    private static void CheckLength(int length, JobSpec job, string what) =>
        Invariant.Check(length == 0 || length == job.WorldSize, $"{length} {what} in a job of {job.WorldSize} ranks");
}
