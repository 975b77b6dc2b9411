using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Demo;

namespace Gemini.Silo.Lab.Recovery;

/// <summary>
/// <c>gemini drill recovery</c>: one cluster, one failure after the other. Measures each from the kill to the end of the first iteration after it.
/// However the drill ends, no process keeps running.
/// </summary>
internal sealed class RecoveryDrill(RecoveryDrillOptions options, TextWriter output, TextWriter error, TimeProvider clock)
{
    /// <summary>A killed host stays lost for 3 s, joins, and warms its trainer beside a job that uses all processors.</summary>
    private static readonly TimeSpan WholeAgainLimit = TimeSpan.FromSeconds(120);

    /// <summary>From so many iterations before the first failure the drill learns how long one takes when nothing else runs.</summary>
    private const int CalmIterations = 10;

    private readonly DemoOptions _demo = options.ToDemo();

    /// <summary>The exit code: success if the job recovered from every failure and the final state is right.</summary>
    public Task<int> RunAsync(CancellationToken ct) =>
        new ClusterRun("gemini drill", _demo, error, clock).RunAsync(output.WriteLine, cluster => RunAsync(cluster, ct), ct);

    /// <summary>Starts the hosts, makes every failure, stops the hosts, and compares the final state.</summary>
    /// <exception cref="LabException">The job did not recover.</exception>
    public async Task<RecoveryDrillReport> MeasureAsync(LocalCluster cluster, CancellationToken ct)
    {
        var (final, iteration, kills) = await FailAsync(cluster, ct);
        await cluster.StopAsync();
        return CreateReport(final, iteration, kills, await VerifyAsync(cluster, final, ct));
    }

    private async Task<bool> RunAsync(LocalCluster cluster, CancellationToken ct)
    {
        var report = await MeasureAsync(cluster, ct);
        foreach (var line in RecoveryDrillTable.Lines(report)) await output.WriteLineAsync(line);
        if (options.Report is { } path) ReportFile.Write(path, report);
        if (report.Identical != false) return true;
        await error.WriteLineAsync($"gemini drill: the state is not that of the uninterrupted run (logs: {cluster.LogDirectory})");
        return false;
    }

    /// <summary>Makes every failure. Returns the status of the pool when it was whole after the last failure, and the time of a calm iteration.</summary>
    private async Task<(JobStatus Final, TimeSpan Iteration, ImmutableArray<KillRecord> Kills)> FailAsync(LocalCluster cluster, CancellationToken ct)
    {
        Iteration? running = null;
        (Iteration At, long Timestamp)? calm = null;
        TimeSpan? iteration = null;
        await cluster.StartAsync(ct);
        var kills = ImmutableArray<KillRecord>.Empty;
        var since = clock.GetTimestamp();
        var missing = "the first host to answer";
        await foreach (var status in cluster.WatchAsync(_ => { }, ct))
        {
            if (clock.GetElapsedTime(since) > WholeAgainLimit)
                throw new LabException($"after failure {kills.Length} the pool was not whole within {WholeAgainLimit.TotalSeconds:0} s: {missing}");
            if (status is null) continue;
            missing = WholePool.Missing(status, _demo.Standby, _demo.Spares) ?? "";
            if (missing.Length > 0 || Unanswered(kills, status)) continue;
            // The clock starts when an iteration ends: the pool may have become whole in the middle of one.
            running ??= status.Trained;
            if (status.Trained == running) continue;
            calm ??= (status.Trained, clock.GetTimestamp());
            if (status.Trained.Value < calm.Value.At.Value + CalmIterations) continue;
            iteration ??= clock.GetElapsedTime(calm.Value.Timestamp) / (status.Trained.Value - calm.Value.At.Value);
            if (!kills.IsEmpty) Say(kills, status);
            if (kills.Length == 2 * options.Repeat) return (status, iteration.Value, kills);
            var killer = new Killer([RecoveryDrillSchedule.Kill(kills.Length, options.Repeat, status)], cluster, clock, output.WriteLine);
            killer.Observe(status);
            kills = kills.AddRange(killer.Done);
            since = clock.GetTimestamp();
        }

        throw new OperationCanceledException(ct);
    }

    /// <summary>Whether nobody has noticed the newest kill yet. The pool then looks whole although it is not.</summary>
    private static bool Unanswered(ImmutableArray<KillRecord> kills, JobStatus status) =>
        !kills.IsEmpty && (status.Recoveries is not [.., var last] || last.DetectedAt < kills[^1].AtUnixMilliseconds);

    private void Say(ImmutableArray<KillRecord> kills, JobStatus status)
    {
        var newest = FailureMatcher.Match(kills, status.Recoveries)[^1];
        output.WriteLine($"  {kills.Length}/{2 * options.Repeat}: {newest.Kind} failure of {newest.Host}, {newest.TotalMs} ms: "
            + string.Join(' ', newest.PhasesMs.All.Select(phase => $"{phase.Name} {phase.Milliseconds}")));
    }

    private async Task<ImmutableArray<ContentHash>> VerifyAsync(LocalCluster cluster, JobStatus final, CancellationToken ct)
    {
        if (!options.Verify) return [];
        var iterations = final.Committed.Value;
        await output.WriteLineAsync($"reference run: {iterations} iterations, uninterrupted and without any host");
        await using var reference = cluster.Reference(_demo with { Iterations = iterations });
        return await reference.FinishAsync(ReferenceRun.Bound(iterations, final), output.WriteLine, ct);
    }

    private RecoveryDrillReport CreateReport(JobStatus final, TimeSpan iteration, ImmutableArray<KillRecord> kills, ImmutableArray<ContentHash> reference)
    {
        var failures = FailureMatcher.Match(kills, final.Recoveries);
        return new RecoveryDrillReport
        {
            Hosts = _demo.Hosts,
            Replicas = _demo.Replicas,
            Standbys = _demo.Standby,
            Spares = _demo.Spares,
            Model = _demo.Model,
            Processors = Environment.ProcessorCount,
            IterationMs = Math.Round(iteration.TotalMilliseconds, 1),
            Software = RecoveryDrillSummary.Of([.. failures.Where(failure => failure.Kind == "software")]),
            Hardware = RecoveryDrillSummary.Of([.. failures.Where(failure => failure.Kind == "hardware")]),
            Failures = failures,
            Iteration = final.Committed.Value,
            FinalStateHash = StateHash.Combine(final.CommittedHashes),
            ReferenceStateHash = StateHash.Combine(reference),
        };
    }
}
