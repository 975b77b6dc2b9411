using System.Collections.Immutable;
using System.Globalization;
using Gemini.Benchmarks.Emulation;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Presets;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Benchmarks.Overhead;

/// <summary>One run of one case: a cluster that is started, warmed up, measured and stopped.</summary>
internal sealed class OverheadRun(OverheadOptions options, OverheadSetting setting, HostNetwork network, TimeProvider clock)
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);

    /// <summary>An iteration that takes this much longer than a published one, scaled, does not come.</summary>
    private const double Patience = 10;

    /// <summary>How soon a change of the idle spans has to be followed.</summary>
    internal const int SettlingIterations = 20;

    /// <summary>Measures the mode.</summary>
    /// <exception cref="LabException">The cluster did not come up, or training was interrupted.</exception>
    public async Task<OverheadSample> MeasureAsync(CheckpointMode mode, CancellationToken ct)
    {
        var profile = WriteProfile();
        try
        {
            using var errors = new StringWriter(CultureInfo.InvariantCulture);
            OverheadSample? sample = null;
            var run = new ClusterRun("benchmark", Demo(mode, profile), errors, clock);
            await run.RunAsync(_ => { }, async cluster => (sample = await MeasureAsync(cluster, ct)) is not null, ct);
            ct.ThrowIfCancellationRequested();
            return sample ?? throw new LabException($"{setting.NameOf(mode)}: {errors.ToString().Trim()}");
        }
        finally
        {
            if (profile is not null) File.Delete(profile);
        }
    }

    private DemoOptions Demo(CheckpointMode mode, string? profile) => new()
    {
        Hosts = options.Hosts,
        Replicas = CheckpointPolicy.Of(mode).RecoversFromMemory ? 2 : 1,
        Standby = 0,
        Spares = 0,
        Iterations = 100_000_000,
        Verify = false,
        Model = options.Model,
        Mode = mode,
        Network = network,
        Trainer = profile is null ? null : Environment.ProcessPath,
        MoreArguments = profile is null ? [] : [EmulatedTrainer.ProfileOption, profile],
    };

    /// <summary>The path of the emulated trainers' profile; null for real training. The caller deletes it.</summary>
    private string? WriteProfile()
    {
        if (setting.Load.Scaled(options.Scale) is not { } model) return null;
        var path = Path.GetTempFileName();
        model.ProfileFor(ModelPresets.Get(options.Model), options.Hosts, setting.Load.Moves ? options.WarmUp : null).Save(path);
        return path;
    }

    private async Task<OverheadSample> MeasureAsync(LocalCluster cluster, CancellationToken ct)
    {
        await cluster.StartAsync(ct);
        var commits = new CommitLog();
        var limit = StartLimit;
        var started = clock.GetTimestamp();
        (long Iteration, TimeSpan At, CpuTimes Cpu, long SentBytes)? begin = null;
        TimeSpan? settled = null;
        NetworkPage? page = null;
        try
        {
            await foreach (var status in cluster.WatchAsync(_ => { }, ct))
            {
                var now = clock.GetElapsedTime(started);
                if (now > limit) throw new LabException(Late(begin is not null, status));
                if (status is not { Phase: JobPhase.Running }) continue;
                page ??= NetworkPage.OpenToRead(PageOfFirstRank(cluster, status));
                commits.Note(status.Trained, status.Committed, now);
                limit = StartLimit + TimeLimit;
                if (status.Trained.Value < options.WarmUp) continue;
                // The iteration that runs now has begun before; the next one is the first that is measured.
                begin ??= (page.Iterations, now, CpuTimes.Of(cluster, status), SentBytes(status));
                var (first, from, cpu, sent) = begin.Value;
                if (page.Iterations >= first + SettlingIterations) settled ??= now;
                if (page.Iterations <= first + options.Iterations) continue;

                var share = 1.0 / options.Iterations / options.Hosts;
                var used = CpuTimes.Of(cluster, status) - cpu;
                var iterations = Read(page, first);
                return new OverheadSample(
                    [.. iterations.Select(iteration => iteration.Duration.TotalMilliseconds)],
                    [.. iterations.Select(iteration => iteration.Idle.Sum(span => span.TotalMilliseconds))],
                    commits.CommitsPerIteration(from, now), commits.CommitsPerIteration(settled ?? now, now), commits.MedianLag(from, now),
                    used.Silos.TotalSeconds * share, used.Trainers.TotalSeconds * share, (SentBytes(status) - sent) * share,
                    [.. status.Hosts.SelectMany(host => host.Report.Paths).Select(path => path.Inflation)]);
            }
        }
        finally
        {
            page?.Dispose();
        }

        throw new OperationCanceledException(ct);
    }

    private TimeSpan TimeLimit => (options.WarmUp + options.Iterations) * Patience * (setting.Load.Scaled(options.Scale)?.Iteration ?? TimeSpan.FromSeconds(1));

    private static string Late(bool isWarm, JobStatus? status) => status is null
        ? "no host answers"
        : $"{(isWarm ? "the iterations to measure" : "the warm-up")} did not end in time; iteration {status.Trained}, {status.Phase}: {status.Reason}";

    private static string PageOfFirstRank(LocalCluster cluster, JobStatus status)
    {
        var host = status.Hosts.First(host => host.Position?.Value == 0).Report.Host;
        return cluster.Host(host.Value).Configuration.Paths.NetworkPage(localIndex: 0);
    }

    private static long SentBytes(JobStatus status) => status.Hosts.Sum(host => host.Report.Transfers.SentBytes);

    private ImmutableArray<NetworkIteration> Read(NetworkPage page, long first) =>
    [
        .. Enumerable.Range(0, options.Iterations).Select(offset => page.Read(first + offset)
            ?? throw new LabException("training was interrupted while it was measured")),
    ];
}
