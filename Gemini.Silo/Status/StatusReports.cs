using Gemini.Interfaces.Model;

namespace Gemini.Silo.Status;

/// <summary>Turns the root agent's answers into a report for people and tools. Pure.</summary>
internal static class StatusReports
{
    /// <param name="status">The job's status.</param>
    /// <param name="record">Its commit record; null if the root agent did not answer that.</param>
    /// <param name="bounds">How far commits may be behind in a safe job; null: the default.</param>
    public static StatusReport Of(JobStatus status, CommitRecord? record, SafetyBounds? bounds = null)
    {
        bounds ??= new SafetyBounds();
        var (verdict, reason) = Safety.Evaluate(status, record, bounds);
        var job = status.Job;
        return new StatusReport
        {
            Job = job.Name,
            Verdict = Word(verdict),
            VerdictReason = reason,
            Phase = Word(status.Phase),
            PhaseReason = Safety.PhaseReason(status),
            Epoch = status.Epoch.Value,
            RootHost = status.RootHost.Value is { Length: > 0 } root ? root : null,
            HostCount = job.HostCount,
            RanksPerHost = job.RanksPerHost,
            Replicas = job.Replicas,
            Placement = Word(job.Placement),
            Domains = job.Domains,
            Iterations = Iterations(status, record, bounds),
            Shards = [.. (record?.Shards ?? []).Select(shard => ToShard(status, shard))],
            Redundancy = ToRedundancy(status.Redundancy),
            Hosts = [.. status.Hosts.OrderBy(host => host.Position?.Value ?? int.MaxValue).ThenBy(host => host.Report.Host).Select(host => ToHost(job, host))],
            Machines = [.. status.MachineRequests.Select(ToMachine)],
            Quarantined = [.. status.Quarantined.Select(ToQuarantine)],
            // The chances hold only while a snapshot is whole in memory; without one they would be wrong.
            Risk = status.Redundancy.LeastCopies == 0 ? [] : [.. status.Placement.Risk.Select(ToRisk)],
            Warnings = [.. StatusWarnings.Of(status, record, bounds).Select(warning => warning.Text)],
            Recoveries = [.. status.Recoveries.Select(ToRecovery)],
        };
    }

    private static StatusIterations Iterations(JobStatus status, CommitRecord? record, SafetyBounds bounds)
    {
        // The two answers may be from before and after a commit. So take the number from the answer that the shards come from.
        var committed = record?.Committed?.Iteration ?? status.Committed;
        var captured = committed > status.Captured ? committed : status.Captured;
        var lag = CommitLag.Of(status with { Committed = committed }, bounds);
        // Before all hosts have reported, the root agent knows only what its record says.
        long? Known(Iteration iteration) => status.Phase == JobPhase.Forming && iteration == Iteration.Zero ? null : iteration.Value;
        return new StatusIterations
        {
            Trained = Known(captured > status.Trained ? captured : status.Trained),
            Captured = Known(captured),
            Committed = Known(committed),
            CommittedEpoch = record?.Committed?.Epoch.Value,
            Persisted = status.Job.Storage is null ? null : status.Persisted.Value,
            CommittedLag = status.Phase == JobPhase.Forming ? null : lag.Iterations,
            CommittedLagAllowed = lag.Allowed,
            CommittedLagMax = status.CommittedLagMax,
            CommitSilenceMs = status.CommitSilenceMilliseconds,
            RanksApart = status.RanksApart,
            IterationMsMedian = Math.Round(status.IterationMillisecondsMedian, 1),
            Total = status.Hosts.SelectMany(host => host.Report.Trainers).Select(trainer => trainer.TotalIterations).DefaultIfEmpty(0).Max(),
        };
    }

    private static StatusShard ToShard(JobStatus status, ShardRecord shard) => new()
    {
        Rank = shard.Replica.Owner.Value,
        Host = HostAt(status, status.Job.PositionOf(shard.Replica.Owner)),
        Hash = shard.Replica.Hash.ToString(),
        PayloadBytes = shard.Replica.PayloadBytes,
        CopiesWanted = status.Job.Replicas,
        Copies = [.. shard.Copies.Select(copy => new StatusCopy { Host = copy.Host.Value, Domain = copy.Domain, Own = copy.IsOwn })],
        Missing = shard.Missing,
    };

    private static StatusRedundancy ToRedundancy(Redundancy redundancy) => new()
    {
        LeastCopies = redundancy.LeastCopies,
        Exposed = redundancy.Exposed,
        ExposedSinceUnixMs = redundancy.ExposedSince > 0 ? redundancy.ExposedSince : null,
        ExposedMs = redundancy.ExposedMilliseconds,
        LongestExposedMs = redundancy.LongestExposedMilliseconds,
    };

    private static StatusMachine ToMachine(MachineRequest request) => new()
    {
        Host = request.Host.Value,
        State = Word(request.State),
        Attempt = request.Attempt,
        Text = request.Describe(),
    };

    private static StatusQuarantine ToQuarantine(QuarantinedCopy copy) => new()
    {
        Host = copy.Host.Value,
        Rank = copy.Owner.Value,
        Iteration = copy.Snapshot.Iteration.Value,
        Reason = copy.Reason,
    };

    private static string? HostAt(JobStatus status, HostPosition position) =>
        status.Hosts.FirstOrDefault(host => host.Position == position)?.Report.Host.Value;

    private static StatusTransfer ToTransfer(TransferReport transfers) => new()
    {
        SentBytes = transfers.SentBytes,
        ReceivedBytes = transfers.ReceivedBytes,
        CopiesReceived = transfers.CopiesReceived,
        HashMismatches = transfers.HashMismatches,
        RefusedPeers = transfers.RefusedPeers,
        MalformedFrames = transfers.MalformedFrames,
    };

    private static StatusPath ToPath(PathReport path) => new()
    {
        Holder = path.Holder.Value,
        BytesPerSecond = path.BytesPerSecond,
        Inflation = path.Inflation,
        Classed = path.IsClassed,
    };

    private static StatusTraffic ToTraffic(TrafficReport traffic) => new()
    {
        IterationMs = traffic.IterationMilliseconds,
        IdleMs = traffic.IdleMilliseconds,
        NeededMs = traffic.NeededMilliseconds > 0 ? traffic.NeededMilliseconds : null,
        Interval = traffic.Interval,
        Cost = traffic.Cost is { } cost ? Math.Round(cost, 4) : null,
        Throttle = traffic.Throttle,
    };

    private static StatusHost ToHost(JobSpec job, HostStatus host) => new()
    {
        Name = host.Report.Host.Value,
        State = !host.Alive ? "lost" : host.Position is null ? "standby" : Word(host.Report.Trainers.FirstOrDefault()?.State ?? TrainerState.Starting),
        Position = host.Position?.Value,
        Domain = host.Domain,
        MemoryBytes = host.Report.MemoryBytes,
        NeededBytes = host.NeededBytes,
        RoomBytes = host.Report.RoomBytes,
        ManagedBytes = host.Report.ManagedBytes,
        SiloProcessId = host.Report.SiloProcessId,
        Problem = host.Report.Problem is { } problem ? StatusText.Tidy(problem) : null,
        CannotTakeOver = host.CannotTakeOver is { } obstacle ? StatusText.Tidy(obstacle) : null,
        LateCopies = [.. host.Report.ReplicationProblems.Select(ToLateCopy)],
        Scrub = new StatusScrub
        {
            Bytes = host.Report.Scrub.Bytes,
            RottenChunks = host.Report.Scrub.RottenChunks,
            RepairedChunks = host.Report.Scrub.RepairedChunks,
        },
        Transfer = ToTransfer(host.Report.Transfers),
        Paths = [.. host.Report.Paths.Select(ToPath)],
        Traffic = host.Report.Traffic is { } traffic ? ToTraffic(traffic) : null,
        Trainers = [.. host.Report.Trainers.Select(trainer => ToTrainer(job, host.Position, trainer))],
    };

    private static StatusLateCopy ToLateCopy(ReplicationProblem problem) => new()
    {
        Rank = problem.Owner.Value,
        Holder = problem.Holder.Value,
        Reason = StatusText.Tidy(problem.Reason),
        SinceUnixMs = problem.SinceUnixMilliseconds,
    };

    private static StatusTrainer ToTrainer(JobSpec job, HostPosition? position, TrainerReport trainer) => new()
    {
        Rank = position is { } at ? job.RankOf(at, trainer.LocalIndex).Value : null,
        State = Word(trainer.State),
        ProcessId = trainer.ProcessId,
        Iteration = trainer.Iteration.Value,
        Loss = double.IsFinite(trainer.Loss) ? Math.Round(trainer.Loss, 6) : null,
        SkippedSaves = trainer.SkippedSaves,
        SaveProblem = trainer.SaveProblem is { Length: > 0 } problem ? StatusText.Tidy(problem) : null,
    };

    private static StatusRisk ToRisk(RiskRow row) => new()
    {
        What = row.What,
        Lost = row.Lost,
        Of = row.Of,
        RecoveryProbability = row.Recovery,
        LossProbability = row.Loss,
        RecoveryFraction = row.Fraction.Length > 0 ? row.Fraction : null,
        Method = row.IsExact ? "exact" : "lower bound",
    };

    private static StatusRecovery ToRecovery(RecoveryTimeline recovery)
    {
        var failedAt = recovery.FailedAt > 0 ? recovery.FailedAt : recovery.DetectedAt;
        var phases = RecoveryPhases.Of(failedAt, recovery.DetectedAt, recovery);
        return new StatusRecovery
        {
            Epoch = recovery.Epoch.Value,
            Running = recovery.ResumedAt == 0,
            Reason = StatusText.Tidy(recovery.Reason),
            Kind = Word(recovery.Kind),
            Hosts = [.. recovery.Hosts.Select(host => host.Value)],
            ReachedIteration = recovery.ReachedIteration.Value,
            ResumedIteration = recovery.ResumedIteration.Value,
            IterationsLost = recovery.IterationsLost,
            Source = Word(recovery.Source),
            FailedAtUnixMs = failedAt,
            PhasesMs = phases,
            TotalMs = phases.Total,
            FetchedBytes = recovery.FetchedBytes,
            ExposedMs = recovery.ExposedMilliseconds,
            RedundantAtUnixMs = recovery.RedundantAt > 0 ? recovery.RedundantAt : null,
            Ranks = [.. recovery.Ranks.Select(ToRestore)],
        };
    }

    private static StatusRestore ToRestore(RankRestore rank) => new()
    {
        Rank = rank.Rank.Value,
        Source = Word(rank.Source),
        From = rank.From?.Value,
        Bytes = rank.Bytes,
        FetchMs = Math.Round(rank.FetchMilliseconds, 3),
        // Bytes per millisecond are 10^-6 gigabytes per second.
        GigabytesPerSecond = rank.Bytes > 0 && rank.FetchMilliseconds > 0 ? Math.Round(rank.Bytes / rank.FetchMilliseconds / 1e6, 3) : null,
        LoadMs = Math.Round(rank.LoadMilliseconds, 3),
    };

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
