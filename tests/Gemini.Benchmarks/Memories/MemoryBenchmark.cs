using System.Collections.Immutable;
using System.Globalization;
using Gemini.Benchmarks.Recoveries;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Benchmarks.Memories;

/// <summary>
/// <c>memory</c>: whether the processes of a host grow. Looks at them after a warm-up, after many saves, and after many recoveries from the loss of the
/// same trainer.
/// </summary>
internal sealed class MemoryBenchmark(MemoryOptions options, TextWriter output, TimeProvider clock)
{
    /// <summary>m of the job.</summary>
    internal const int Replicas = 2;

    private const int Spares = 1;

    /// <summary>From one step to the next: a save, a recovery, or a pool that is whole again.</summary>
    private static readonly TimeSpan StepLimit = TimeSpan.FromSeconds(120);

    /// <summary>The exit code: success if nothing has grown.</summary>
    /// <exception cref="LabException">The job did not train or recover.</exception>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        using var errors = new StringWriter(CultureInfo.InvariantCulture);
        ImmutableArray<BenchmarkRow> rows = [];
        await new ClusterRun("benchmark", Demo(), errors, clock).RunAsync(_ => { }, async cluster =>
        {
            rows = await MeasureAsync(cluster, ct);
            return true;
        }, ct);
        ct.ThrowIfCancellationRequested();
        if (rows.IsEmpty) throw new LabException(errors.ToString().Trim());
        return await BenchmarkReport.PublishAsync(output, options.Json, repetitions: 1, rows);
    }

    private DemoOptions Demo() => new()
    {
        Hosts = options.Hosts,
        Replicas = Replicas,
        Standby = 0,
        Spares = Spares,
        Iterations = long.MaxValue / 2,
        Verify = false,
        PaceMilliseconds = options.PaceMilliseconds,
        Trainer = Environment.ProcessPath,
        MoreArguments = [StateTrainer.BytesOption, ((long)options.StateMebibytes << 20).ToString(CultureInfo.InvariantCulture)],
        Logs = options.Logs,
    };

    private async Task<ImmutableArray<BenchmarkRow>> MeasureAsync(LocalCluster cluster, CancellationToken ct)
    {
        await cluster.StartAsync(ct);
        await using var statuses = cluster.WatchAsync(_ => { }, ct).GetAsyncEnumerator(ct);
        await RecoverAsync(cluster, statuses, options.WarmUpRecoveries, ct);
        await SaveAsync(statuses, options.WarmUpSaves, ct);
        var warm = await LookAsync(cluster, statuses, ct);
        await SaveAsync(statuses, options.Saves, ct);
        var saved = await LookAsync(cluster, statuses, ct);
        await output.WriteLineAsync($"{options.Saves} saves");
        await RecoverAsync(cluster, statuses, options.Recoveries, ct);
        // The spares that were started meanwhile are warm, and the last recovery's slots are used again.
        await SaveAsync(statuses, options.WarmUpSaves, ct);
        var recovered = await LookAsync(cluster, statuses, ct);
        await output.WriteLineAsync($"{options.Recoveries} recoveries");
        return [.. MemoryRows.Of(options, warm, saved, recovered)];
    }

    /// <summary>Waits until so many more iterations are committed.</summary>
    private async Task SaveAsync(IAsyncEnumerator<JobStatus?> statuses, int saves, CancellationToken ct)
    {
        var first = (await UntilAsync(statuses, IsWhole, ct)).Committed.Value;
        for (var saved = 0L; saved < saves;)
            saved = (await UntilAsync(statuses, status => status.Committed.Value > first + saved, ct)).Committed.Value - first;
    }

    /// <summary>Kills the trainer of the last position again and again.</summary>
    private async Task RecoverAsync(LocalCluster cluster, IAsyncEnumerator<JobStatus?> statuses, int recoveries, CancellationToken ct)
    {
        for (var recovered = 0; recovered < recoveries; recovered++)
        {
            var status = await UntilAsync(statuses, IsWhole, ct);
            var victim = status.Hosts.First(host => host.Position?.Value == options.Hosts - 1).Report.Host;
            new Strike(KillTarget.Trainer, [victim], cluster, status).Execute(TimeSpan.Zero);
            await UntilAsync(statuses, later => later.Epoch > status.Epoch && later.Phase == JobPhase.Running, ct);
        }
    }

    /// <summary>The least that each process takes in several moments of training.</summary>
    private async Task<MemorySample> LookAsync(LocalCluster cluster, IAsyncEnumerator<JobStatus?> statuses, CancellationToken ct)
    {
        MemorySample? least = null;
        for (var moment = 0; moment < options.Moments; moment++)
        {
            var status = await UntilAsync(statuses, IsWhole, ct);
            var hosts = status.Hosts.Where(host => host.Position is not null).OrderBy(host => host.Position!.Value.Value).ToList();
            var now = new MemorySample(
                [.. hosts.Select(host => Of(host.Report.SiloProcessId))],
                [.. hosts.SkipLast(1).Select(host => Of(cluster.TrainersOf(host.Report.Host, status).Single()))],
                [.. hosts.Select(host => (double)host.Report.ManagedBytes)],
                [.. hosts.Select(host => (double)host.Report.MemoryBytes)]);
            least = least is null ? now : new MemorySample(
                Least(least.Silos, now.Silos), Least(least.Trainers, now.Trainers),
                [.. least.ManagedBytes.Zip(now.ManagedBytes, Math.Max)], now.SegmentBytes);
        }

        return least!;

        static Footprint Of(int processId) => Footprint.Of(processId) ?? throw new LabException($"process {processId} has ended");

        static ImmutableArray<Footprint> Least(ImmutableArray<Footprint> some, ImmutableArray<Footprint> others) =>
            [.. some.Zip(others, (one, other) => one.Least(other))];
    }

    private static bool IsWhole(JobStatus status) => WholePool.Missing(status, standbys: 0, Spares) is null;

    /// <summary>The next status that satisfies the condition.</summary>
    /// <exception cref="LabException">It did not come in time.</exception>
    private async Task<JobStatus> UntilAsync(IAsyncEnumerator<JobStatus?> statuses, Func<JobStatus, bool> reached, CancellationToken ct)
    {
        var begun = clock.GetTimestamp();
        JobStatus? last = null;
        while (clock.GetElapsedTime(begun) < StepLimit)
        {
            if (!await statuses.MoveNextAsync()) throw new OperationCanceledException(ct);
            if (statuses.Current is not { } status) continue;
            if (reached(status)) return status;
            last = status;
        }

        throw new LabException($"the job did not go on within {StepLimit.TotalSeconds:0} s; it is {last?.Phase}: {last?.Reason}");
    }
}
