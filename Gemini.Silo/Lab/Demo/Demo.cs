using System.Collections.Immutable;
using Gemini.Grains.Placement;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Presets;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using Spectre.Console;

namespace Gemini.Silo.Lab.Demo;

/// <summary>
/// <c>gemini demo</c> from start to end: a Redis server, hosts, kills, and then the proof. However the demo ends, no process keeps running.
/// </summary>
internal sealed class Demo(DemoOptions options, TextWriter output, TextWriter error, TimeProvider clock)
{
    /// <summary>The exit code.</summary>
    /// <remarks>The options have passed <see cref="DemoPreflight"/>.</remarks>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        await using var display = CreateDisplay();
        var exitCode = await new ClusterRun("gemini demo", options, error, clock).RunAsync(display.Say, cluster => RunAsync(cluster, display, ct), ct);
        if (exitCode == ExitCodes.Interrupted) await error.WriteLineAsync("gemini demo: stopped; no process and no host memory is left behind");
        return exitCode;
    }

    private async Task<bool> RunAsync(LocalCluster cluster, IDemoDisplay display, CancellationToken ct)
    {
        try
        {
            var (final, killer) = await TrainAsync(cluster, display, ct);
            await cluster.StopAsync();
            var reference = await VerifyAsync(cluster, final, display, ct);
            await display.DisposeAsync();
            return Conclude(final, cluster, killer, reference);
        }
        finally
        {
            // The reason of a failure is printed below the display.
            await display.DisposeAsync();
        }
    }

    private IDemoDisplay CreateDisplay() => output == Console.Out && !Console.IsOutputRedirected
        ? new LiveTable(AnsiConsole.Console, options.Iterations, clock)
        : new PlainLines(output, options.Iterations, clock);

    private async Task<(JobStatus Final, Killer Killer)> TrainAsync(LocalCluster cluster, IDemoDisplay display, CancellationToken ct)
    {
        display.Say($"job {cluster.JobName}: {options.Hosts} hosts and {options.Standby} standby, {options.Replicas} replicas, {options.Model}, "
            + $"{options.Iterations} iterations, kills: {(options.Kills.IsEmpty ? "none" : string.Join(' ', options.Kills))}");
        if (PlacementReport.SingleCopyWarning(options.Replicas) is { } warning) display.Say($"warning: {warning}");
        display.Say($"its status, from another terminal: '{Environment.ProcessPath}' status --config '{cluster.ConfigurationOf(cluster.Hosts[0])}'");
        await cluster.StartAsync(ct);
        var killer = new Killer(options.Kills, cluster, clock, display.Say);
        var watchdog = new ProgressWatchdog(clock);
        await foreach (var status in cluster.WatchAsync(display.Show, ct))
        {
            watchdog.Observe(status);
            if (status is null) continue;
            if (status.Phase == JobPhase.Completed) return (status, killer);
            killer.Observe(status);
        }

        throw new OperationCanceledException(ct);
    }

    private async Task<ImmutableArray<ContentHash>> VerifyAsync(LocalCluster cluster, JobStatus final, IDemoDisplay display, CancellationToken ct)
    {
        if (!options.IsVerified) return [];
        display.Say($"reference run: the same {options.Iterations} iterations, uninterrupted and without any host");
        await using var reference = cluster.Reference(options);
        return await reference.FinishAsync(ReferenceRun.Bound(options.Iterations, final), display.Say, ct);
    }

    private bool Conclude(JobStatus final, LocalCluster cluster, Killer killer, ImmutableArray<ContentHash> reference)
    {
        var report = CreateReport(final, cluster.SkippedSaves, killer.Done, reference);
        foreach (var line in DemoSummary.Lines(report)) output.WriteLine(line);
        if (options.Storage is { } storage) output.WriteLine($"persisted: iteration {final.Persisted} in {Path.Combine(storage, final.Job.Name)}");
        if (report.Identical == false) error.WriteLine("gemini demo: the final state is not that of the uninterrupted run");
        if (options.Report is { } path) ReportFile.Write(path, report);
        foreach (var kill in killer.Pending) error.WriteLine($"gemini demo: the job finished before --kill {kill} was due; choose an earlier iteration");
        return killer.Pending.Count == 0 && report.Identical != false && (report.FinalStateHash is not null || !options.HasFinalState);
    }

    private DemoReport CreateReport(JobStatus final, long skippedSaves, IReadOnlyList<KillRecord> kills, ImmutableArray<ContentHash> reference)
    {
        var trainers = final.Hosts.SelectMany(host => host.Report.Trainers).ToArray();
        var finalHash = final.Committed.Value == options.Iterations ? StateHash.Combine(final.CommittedHashes) : null;
        var referenceHash = StateHash.Combine(reference);
        return new DemoReport
        {
            Mode = options.Mode.ToString().ToLowerInvariant(),
            Hosts = options.Hosts,
            Replicas = options.Replicas,
            Iterations = options.Iterations,
            Model = options.Model,
            Parameters = ModelPresets.Get(options.Model).ParameterCount,
            ShardBytes = trainers.Select(trainer => trainer.ShardBytes).DefaultIfEmpty(0).Max(),
            Seed = options.Seed,
            IterationMsMedian = Math.Round(final.IterationMillisecondsMedian, 1),
            Failures = FailureMatcher.Match(kills, final.Recoveries),
            CommittedLagMax = final.CommittedLagMax,
            SkippedSaves = skippedSaves,
            FinalStateHash = finalHash,
            ReferenceStateHash = referenceHash,
            Identical = options.IsVerified ? finalHash is not null && finalHash == referenceHash : null,
        };
    }
}
