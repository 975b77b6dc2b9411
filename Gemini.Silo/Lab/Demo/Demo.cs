using System.Collections.Immutable;
using Gemini.Grains.Placement;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Presets;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Status;
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
        var ports = new FreePorts(Environment.ProcessId);
        using var garnet = new GarnetHost(ports.Next());
        var display = CreateDisplay();
        await using var cluster = new LocalCluster(options, ports, garnet.Endpoint, clock, line => display.Say(line));
        var keepLogs = true;
        try
        {
            var (final, killer) = await TrainAsync(cluster, display, ct);
            await cluster.StopAsync();
            var reference = await VerifyAsync(cluster, ports, final, display, ct);
            await display.DisposeAsync();
            keepLogs = Conclude(final, cluster, killer, reference) != ExitCodes.Success;
            return keepLogs ? ExitCodes.Failed : ExitCodes.Success;
        }
        catch (LabException failure) when (!ct.IsCancellationRequested)
        {
            await display.DisposeAsync();
            error.WriteLine($"gemini demo: {failure.Message} (logs: {cluster.LogDirectory})");
            return ExitCodes.Failed;
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            await display.DisposeAsync();
            error.WriteLine("gemini demo: stopped; no process and no host memory is left behind");
            keepLogs = false;
            return ExitCodes.Interrupted;
        }
        finally
        {
            await display.DisposeAsync();
            await cluster.StopAsync();
            if (!keepLogs || options.Logs is not null) cluster.RemoveRunDirectory();
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
        await using var watcher = new StatusWatcher(cluster.Hosts[0].Configuration, clock);
        await foreach (var status in watcher.WatchAsync(ct))
        {
            if (cluster.Failure() is { } failure) throw new LabException(failure);
            watchdog.Observe(status);
            if (status is null) continue;
            cluster.Remember(status);
            display.Show(status);
            if (status.Phase == JobPhase.Failed) throw new LabException($"the job cannot go on: {status.Reason}");
            if (status.Phase == JobPhase.Completed) return (status, killer);
            killer.Observe(status);
        }

        throw new OperationCanceledException(ct);
    }

    private async Task<ImmutableArray<ContentHash>> VerifyAsync(
        LocalCluster cluster, FreePorts ports, JobStatus final, IDemoDisplay display, CancellationToken ct)
    {
        if (!options.Verify) return [];
        display.Say($"reference run: the same {options.Iterations} iterations, uninterrupted and without any host");
        // The run has the cores for itself, so it takes no longer than the job did. The rest is reserve for the start and for a slow machine.
        var bound = TimeSpan.FromMilliseconds(60_000 + (3 * options.Iterations * Math.Max(200, final.IterationMillisecondsMedian)));
        var reference = new ReferenceRun(options, cluster.Trainer, ports, cluster.LogDirectory, clock, display.Say);
        return await reference.RunAsync(cluster.SecretFile, bound, ct);
    }

    private int Conclude(JobStatus final, LocalCluster cluster, Killer killer, ImmutableArray<ContentHash> reference)
    {
        var report = CreateReport(final, cluster.SkippedSaves, killer.Done, reference);
        foreach (var line in DemoSummary.Lines(report)) output.WriteLine(line);
        if (options.Storage is { } storage) output.WriteLine($"persisted: iteration {final.Persisted} in {Path.Combine(storage, final.Job.Name)}");
        if (report.Identical == false) error.WriteLine("gemini demo: the final state is not that of the uninterrupted run");
        if (options.Report is { } path) DemoReportFile.Save(report, path);
        foreach (var kill in killer.Pending) error.WriteLine($"gemini demo: the job finished before --kill {kill} was due; choose an earlier iteration");
        return killer.Pending.Count == 0 && report.Identical != false && report.FinalStateHash is not null ? ExitCodes.Success : ExitCodes.Failed;
    }

    private DemoReport CreateReport(JobStatus final, long skippedSaves, IReadOnlyList<KillRecord> kills, ImmutableArray<ContentHash> reference)
    {
        var trainers = final.Hosts.SelectMany(host => host.Report.Trainers).ToArray();
        var finalHash = final.Committed.Value == options.Iterations ? StateHash.Combine(final.CommittedHashes) : null;
        var referenceHash = StateHash.Combine(reference);
        return new DemoReport
        {
            Baseline = options.Baseline == Baseline.None ? null : options.Baseline.ToString().ToLowerInvariant(),
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
            Identical = options.Verify ? finalHash is not null && finalHash == referenceHash : null,
        };
    }
}
