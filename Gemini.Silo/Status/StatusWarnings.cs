using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Status;

/// <summary>
/// What an operator should know, one line each, the most urgent first. Add new lines here: a problem that is not yet a failure is reported only here.
/// From here it gets into the verdict, the text and the JSON.
/// </summary>
internal static class StatusWarnings
{
    /// <summary>A copy that is late by less is normal: the holder was busy, or its silo was replaced.</summary>
    internal const long LateCopyMilliseconds = 3000;

    public static IEnumerable<StatusWarning> Of(JobStatus status, CommitRecord? record, SafetyBounds? bounds = null)
    {
        var commits = status.Phase == JobPhase.Running ? Commits(status, bounds ?? new SafetyBounds()) : [];
        IEnumerable<StatusWarning> warnings = [.. Ending(status), .. Copies(status, record), .. commits, .. Hosts(status), .. Others(status, record)];
        return warnings.Select(warning => warning with { Text = StatusText.Tidy(warning.Text) });
    }

    /// <summary>Whether the job is finished, but a trainer that was started again intends to run more iterations.</summary>
    public static bool IsAskedForMore(JobStatus status) => status.Phase == JobPhase.Completed && status.Hosts.Any(host =>
        host is { Alive: true, Position: not null } && host.Report.Trainers.Any(trainer =>
            trainer.State != TrainerState.Finished && trainer.TotalIterations > status.Committed.Value));

    /// <summary>What prevents a job from being finished and safe.</summary>
    private static IEnumerable<StatusWarning> Ending(JobStatus status)
    {
        if (status.Phase == JobPhase.Persisting || IsAskedForMore(status)) yield return new StatusWarning(status.Reason, Degrades: true);
    }

    /// <summary>What prevents commits, and that commits are late.</summary>
    private static IEnumerable<StatusWarning> Commits(JobStatus status, SafetyBounds bounds)
    {
        var lag = CommitLag.Of(status, bounds);
        // If a recovery does not use host memory, nobody waits for commits.
        if (status.Job.Checkpoints().RecoversFromMemory && lag.IsTooGreat && status.Committed > Iteration.Zero)
        {
            var silence = status.CommitSilenceMilliseconds / 1000;
            yield return new StatusWarning(
                $"commits are {lag.Iterations} iterations behind training, and at most {lag.Allowed} are expected"
                + (silence > 0 ? $"; nothing was committed for {silence} s" : ""),
                Degrades: true);
        }

        if (status.Reason.Length > 0) yield return new StatusWarning(status.Reason, Degrades: true);
        foreach (var warning in FailedSaves(status).Concat(LateCopies(status))) yield return warning;
        // Reports are not simultaneous: two of them may differ by less than a second.
        var median = status.IterationMillisecondsMedian;
        if (status.RanksApart > Math.Max(bounds.Iterations, median > 0 ? (long)(1000 / median) : 0))
        {
            yield return new StatusWarning(
                $"ranks are {status.RanksApart} iterations apart: ranks must run in step, with a collective in every "
                + "iteration, or no snapshot is whole",
                Degrades: true);
        }
    }

    private static IEnumerable<StatusWarning> FailedSaves(JobStatus status) =>
        from host in status.Hosts
        where host is { Alive: true, Position: not null }
        from trainer in host.Report.Trainers
        where trainer.SaveProblem.Length > 0
        group $"{status.Job.RankOf(host.Position!.Value, trainer.LocalIndex)} on {host.Report.Host}" by StatusText.Tidy(trainer.SaveProblem) into ranks
        select new StatusWarning(
            $"saves fail or are skipped: {ranks.Key} ({(ranks.Count() == 1 ? "rank" : "ranks")} {StatusText.List(ranks)})", Degrades: true);

    private static IEnumerable<StatusWarning> LateCopies(JobStatus status) =>
        from host in status.Hosts
        where host is { Alive: true, Position: not null }
        from problem in host.Report.ReplicationProblems
        group $"rank {problem.Owner} from {host.Report.Host}" by (problem.Holder, Reason: StatusText.Tidy(problem.Reason)) into copies
        select new StatusWarning(
            $"copies cannot be sent to {copies.Key.Holder}: {copies.Key.Reason} ({StatusText.List(copies)})",
            status.CommitSilenceMilliseconds >= LateCopyMilliseconds);

    private static IEnumerable<StatusWarning> Copies(JobStatus status, CommitRecord? record)
    {
        if (record?.Committed is not { } committed) yield break;
        var wanted = status.Job.Replicas;
        var lacking = record.Shards.Where(shard => shard.Copies.Length < wanted).ToList();
        if (lacking.Count == 0) yield break;
        var fewest = lacking.Min(shard => shard.Copies.Length);
        var ranks = lacking.Where(shard => shard.Copies.Length == fewest).Select(shard => $"{shard.Replica.Owner}").ToList();
        yield return new StatusWarning(
            $"of snapshot {committed}, the {(ranks.Count == 1 ? "shard of rank" : "shards of ranks")} {StatusText.List(ranks)} "
            + $"{(ranks.Count == 1 ? "has" : "have")} {fewest} of {wanted} copies",
            Degrades: true);
    }

    private static IEnumerable<StatusWarning> Hosts(JobStatus status)
    {
        foreach (var host in status.Hosts.Where(host => host.Alive))
        {
            if (host.Report.Problem is { } problem) yield return new StatusWarning($"{host.Report.Host}: {problem}", Degrades: true);
            if (host.Report.MemoryWarning is { } warning) yield return new StatusWarning($"{host.Report.Host}: {warning}", Degrades: true);
            if (host.Report.TrainerWarning is { } killed) yield return new StatusWarning($"{host.Report.Host}: {killed}", Degrades: true);
            if (host.CannotTakeOver is { } obstacle)
                yield return new StatusWarning($"standby {host.Report.Host} could not take over a position: {obstacle}", Degrades: true);
        }

        foreach (var host in status.Hosts.Where(host => host is { Alive: false, Position: not null }))
            yield return new StatusWarning($"{host.Report.Host} is lost and not replaced yet");
    }

    /// <summary>Copies of other runs concern only the operator: nothing is wrong with the job, and the program never deletes them.</summary>
    private static string Describe(HostStatus host, JobStatus status)
    {
        var leftovers = host.Report.Leftovers;
        var count = leftovers.Sum(run => run.Copies);
        var bytes = ByteText.Of(leftovers.Sum(run => run.FileBytes));
        return $"{host.Report.Host} keeps {count} {(count == 1 ? "copy" : "copies")} of other runs of the job, {bytes}, "
            + $"that nobody uses; if you do not need them, delete MEMORYROOT/{status.Job.Name}/{host.Report.Host}/*{SegmentFiles.AsideSuffix}, "
            + "or all of the job with gemini forget once it is stopped";
    }

    /// <summary>TCP has a checksum of 16 bits: what it lets through comes from a bad card, cable or memory, and comes again.</summary>
    private static StatusWarning Mismatched(HostStatus host) => new(
        $"{host.Report.Host} has received {host.Report.Transfers.HashMismatches} chunks or copies with another hash than announced, and used none; "
        + "check the network and the memory between it and its peers");

    private static IEnumerable<StatusWarning> Others(JobStatus status, CommitRecord? record)
    {
        foreach (var host in status.Hosts.Where(host => host.Alive && !host.Report.Leftovers.IsEmpty)) yield return new StatusWarning(Describe(host, status));
        foreach (var request in status.MachineRequests) yield return new StatusWarning(request.Describe());
        foreach (var host in status.Hosts.Where(host => host is { Alive: true, Report.Transfers.HashMismatches: > 0 })) yield return Mismatched(host);
        foreach (var copy in status.Quarantined)
        {
            yield return new StatusWarning(
                $"{copy.Host}: the copy of rank {copy.Owner} of snapshot {copy.Snapshot} is bad and is not used again: {copy.Reason}");
        }

        if (record is { SilentGroups.IsEmpty: false })
        {
            yield return new StatusWarning(
                $"group {string.Join(", ", record.SilentGroups)} did not say which copies it holds: the copies shown are from the last reports of its hosts");
        }

        if (status.Hosts.Count(host => host is { Alive: true, Report.Traffic.Throttle: > 0 }) is > 0 and var held)
        {
            yield return new StatusWarning(
                $"checkpoints slow training by more than is tolerated (advanced.transfer.trainingTolerance), so {held} of {status.Hosts.Length} hosts "
                + "hold them back: commits become rarer");
        }

        if (status.StorageProblem is { } storage) yield return new StatusWarning($"storage, trying again: {storage}");
        if (status.Slow is { } slow) yield return new StatusWarning($"slow, so all other ranks wait: {slow}");
        foreach (var warning in status.Placement.Warnings) yield return new StatusWarning(warning);
    }
}
