using System.Collections.Immutable;
using System.Globalization;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Recovery;

namespace Gemini.Benchmarks.Recoveries;

/// <summary><c>recover</c>: how long a job stands still because of a failure. Real hosts and trainers, with the recovery drill's failures.</summary>
internal sealed class RecoverBenchmark(RecoverOptions options, TextWriter output, TimeProvider clock)
{
    /// <summary>The state beside which the bytes of the large one are the only difference.</summary>
    internal const long SmallBytes = 1 << 20;

    /// <summary>The exit code: success if every target is met.</summary>
    /// <exception cref="LabException">A job did not recover.</exception>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        var trained = await MeasureAsync(new RecoveryDrillOptions
        {
            Repeat = options.Repetitions,
            Hosts = options.Hosts,
            Model = options.Model,
            Logs = options.Logs,
        }, ct);
        var rows = RecoverRows.Of(trained, "recover", isPromised: true).ToImmutableArray();
        if (options.StateMebibytes > 0) rows = rows.AddRange(await MeasureStatesAsync(ct));
        return await BenchmarkReport.PublishAsync(output, options.Json, options.Repetitions, rows);
    }

    private async Task<ImmutableArray<BenchmarkRow>> MeasureStatesAsync(CancellationToken ct)
    {
        var bytes = (long)options.StateMebibytes << 20;
        var small = await MeasureAsync(StateOf(SmallBytes), ct);
        var bytesPerSecond = await LoopbackRate.BytesPerSecondAsync(bytes, clock);
        var large = await MeasureAsync(StateOf(bytes), ct);
        var name = $"recover/{options.StateMebibytes} MiB";
        return
        [
            .. RecoverRows.Of(small, $"recover/{SmallBytes >> 20} MiB", isPromised: false),
            .. RecoverRows.Of(large, name, isPromised: false),
            .. RecoverRows.Additional(small, large, name, bytes, bytesPerSecond),
        ];
    }

    private RecoveryDrillOptions StateOf(long bytes) => new()
    {
        Repeat = options.StateRepetitions,
        Hosts = options.StateHosts,
        PaceMilliseconds = options.StatePaceMilliseconds,
        Trainer = Environment.ProcessPath,
        MoreArguments = [StateTrainer.BytesOption, bytes.ToString(CultureInfo.InvariantCulture)],
        Logs = options.Logs,
    };

    private async Task<RecoveryDrillReport> MeasureAsync(RecoveryDrillOptions drilled, CancellationToken ct)
    {
        using var errors = new StringWriter(CultureInfo.InvariantCulture);
        RecoveryDrillReport? report = null;
        var drill = new RecoveryDrill(drilled with { Verify = false }, output, errors, clock);
        await new ClusterRun("benchmark", drilled.ToDemo(), errors, clock)
            .RunAsync(_ => { }, async cluster => (report = await drill.MeasureAsync(cluster, ct)) is not null, ct);
        ct.ThrowIfCancellationRequested();
        return report ?? throw new LabException(errors.ToString().Trim());
    }
}
