using System.Collections.Immutable;
using System.Globalization;
using Gemini.Benchmarks.Emulation;
using Gemini.Benchmarks.Networks;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Presets;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Benchmarks.Overhead;

/// <summary>
/// <c>overhead</c>: how much longer an iteration takes with checkpoints than without. Every setting runs all modes one after the other, several
/// times, so that a machine that becomes slower slows all of them.
/// </summary>
internal sealed class OverheadBenchmark(OverheadOptions options, TextWriter output, TimeProvider clock)
{
    private int _runs;

    /// <summary>The exit code: success if every target is met.</summary>
    /// <exception cref="BadInputException">Hosts get no network of their own here.</exception>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        var rows = ImmutableArray.CreateBuilder<BenchmarkRow>();
        foreach (var setting in options.Settings)
        {
            var samples = await MeasureAsync(setting, ct);
            rows.AddRange(OverheadRows.Of(setting, samples));
            foreach (var line in OverheadTable.Lines(setting, samples)) await output.WriteLineAsync(line);
            // After each setting: all of them take hours, and a later one may fail.
            if (options.Json is { } path) ReportFile.Write(path, ReportOf(rows.ToImmutable()));
        }

        var missed = rows.Where(row => row.Met == false).ToList();
        foreach (var row in missed)
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"MISSED {row.Case} {row.Metric}: {row.Ratio ?? row.Value:0.000}; the target is {row.Target}"));
        return missed.Count == 0 ? ExitCodes.Success : ExitCodes.Failed;
    }

    private OverheadReport ReportOf(ImmutableArray<BenchmarkRow> rows) => new(
        Build.Commit, Machine.This(), options.Hosts, options.Model, options.Scale, options.Repetitions, options.Iterations, rows);

    private async Task<IReadOnlyDictionary<CheckpointMode, ImmutableArray<OverheadSample>>> MeasureAsync(OverheadSetting setting, CancellationToken ct)
    {
        ImmutableArray<CheckpointMode> modes = [CheckpointMode.None, .. options.Modes];
        var hosts = HostNames.Names(options.Hosts);
        var (network, reason) = HostNetwork.TryCreate(hosts);
        if (network is null)
            throw new BadInputException($"overhead gives each host a network namespace, which is not possible here: {reason}. It needs root and iproute2.");
        using (network)
        using (AllowedCongestionControl.Allow(setting.CongestionControl))
        {
            new LinkShaper(network, setting.Topology, LinkBitsPerSecond(setting), setting.CongestionControl).Shape(hosts);
            var samples = modes.ToDictionary(mode => mode, _ => ImmutableArray<OverheadSample>.Empty);
            var run = new OverheadRun(options, setting, network, clock);
            for (var repetition = 0; repetition < options.Repetitions; repetition++)
            {
                foreach (var mode in modes)
                {
                    var sample = await run.MeasureAsync(mode, ct);
                    samples[mode] = samples[mode].Add(sample);
                    await SayAsync(setting, mode, sample, samples[CheckpointMode.None][repetition]);
                }
            }

            return samples;
        }
    }

    private long LinkBitsPerSecond(OverheadSetting setting) =>
        setting.Load.Scaled(options.Scale)?.LinkBitsPerSecond(ModelPresets.Get(options.Model), options.Hosts) ?? 0;

    private Task SayAsync(OverheadSetting setting, CheckpointMode mode, OverheadSample sample, OverheadSample none)
    {
        var all = options.Settings.Count() * options.Repetitions * (options.Modes.Length + 1);
        return output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"[{++_runs}/{all}] {setting.NameOf(mode)}: {sample.IterationMedian:0} ms, {sample.IterationMedian / none.IterationMedian:0.000} of none, "
            + $"{sample.CommitsPerIteration:0.00} commits per iteration"));
    }
}
