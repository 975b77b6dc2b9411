using System.Globalization;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Chaos;

/// <summary>
/// <c>gemini demo --chaos</c>: kills at random until enough failures were made. Compares every commit that it sees with an uninterrupted run. Exit
/// code 0 if the job recovered from every failure with equal commits, or rightly refused to continue.
/// </summary>
internal sealed class ChaosRun(ChaosOptions options, TextWriter output, TimeProvider clock)
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(180);

    /// <summary>A refusal counts only if it is still there this long after the last host came back: a host may return with its memory.</summary>
    private static readonly TimeSpan RefusalStands = TimeSpan.FromSeconds(3);

    private readonly Random _random = new((int)(options.Cluster.Seed & int.MaxValue));
    private readonly long _started = clock.GetTimestamp();
    private readonly List<ChaosFailure> _failures = [];
    private readonly List<(int Index, long KilledAt, KillTarget Kind, IReadOnlyList<HostName> Hosts)> _open = [];
    private readonly HashSet<HostName> _lost = [];
    private DrillScene? _scene;
    private JobStatus? _lastCommit;
    private int _compared;

    public async Task<int> RunAsync(CancellationToken ct)
    {
        Say($"chaos: seed {options.Cluster.Seed}, {options.Failures} failures, N,m = {options.Shape}, {options.Cluster.Standby} standby, "
            + $"{options.Cluster.Model}, {options.Cluster.Mode}, {(options.WithStorage ? "with" : "without")} storage");
        var problem = "";
        try
        {
            while (_failures.Count < options.Failures) await RunJobAsync(ct);
        }
        catch (LabException failure)
        {
            problem = failure.Message;
            CloseOpen(failure: "failed");
        }

        var report = CreateReport(problem);
        foreach (var line in report.Lines()) output.WriteLine(line);
        if (options.Report is { } path) ReportFile.Write(path, report);
        return problem.Length == 0 && report.Recovered + report.Refused == options.Failures ? ExitCodes.Success : ExitCodes.Failed;
    }

    /// <summary>
    /// Runs one job until all failures are made and the job has shown that it continues, or until it has rightly refused to continue.
    /// </summary>
    private async Task RunJobAsync(CancellationToken ct)
    {
        await using var cluster = new DrillCluster(options.Shape, options.WithStorage, options.Cluster, clock, _ => { });
        try
        {
            await cluster.StartAsync(ct);
            if (!await BecomesReadyAsync(cluster, ct)) throw new LabException("a new job refused to start");
            while (_failures.Count < options.Failures)
            {
                var strike = ChaosStrike.Next(_random);
                if (strike.Waits && !await BecomesReadyAsync(cluster, ct)) return;
                await Task.Delay(strike.Delay, clock, ct);
                Strike(cluster, strike);
            }

            if (!await BecomesReadyAsync(cluster, ct)) return;
            var goal = cluster.View.Latest!.Committed.Value + 2;
            await cluster.View.WaitAsync(status => status.Committed.Value >= goal, ReadyLimit, "two more commits", ct);
            await CompareAsync(cluster, ct);
        }
        catch (LabException)
        {
            cluster.KeepLogs();
            Say($"logs: {cluster.LogDirectory}");
            throw;
        }
    }

    private void Strike(DrillCluster cluster, ChaosStrike strike)
    {
        var status = cluster.View.Latest!;
        var running = cluster.RunningHosts;
        var victims = running.OrderBy(_ => _random.Next()).Take(strike.Hosts).ToList();
        if (victims.Count == 0) return;
        var number = _failures.Count + 1;
        var names = string.Join(' ', victims);
        Say($"{number}/{options.Failures}: {strike} {names} in {status.Phase}, iteration {status.Trained}");
        _open.Add((_failures.Count, cluster.Now, strike.Kind, victims));
        _failures.Add(new ChaosFailure(number, strike.ToString(), names, status.Phase.ToString(), status.Trained.Value));
        if (strike.Kind == KillTarget.Host) _lost.UnionWith(victims);
        cluster.Kill(strike.Kind, victims, status);
    }

    /// <summary>False if the job has rightly refused to continue.</summary>
    private async Task<bool> BecomesReadyAsync(DrillCluster cluster, CancellationToken ct)
    {
        long? refusedSince = null;
        var status = await cluster.View.WaitAsync(
            status => cluster.IsReady(status) || IsRefused(status), ReadyLimit, "every host is back and the job trains", ct);
        await CompareAsync(cluster, ct);
        if (!cluster.IsReady(status))
        {
            if (options.WithStorage || _scene is not { } scene || scene.Survives(_lost))
                throw new LabException($"the job refuses to continue, although no copy is missing: {status.Reason}");
            Say($"rightly refused: {status.Reason}");
            CloseOpen("refused");
            _lost.Clear();
            return false;
        }

        CloseOpen(status.Recoveries);
        _lost.Clear();
        _scene = DrillScene.Of(status);
        return true;

        bool IsRefused(JobStatus status)
        {
            var refused = status.Phase == JobPhase.Failed && status.Hosts.Count(host => host.Alive) == options.Shape.Hosts + options.Cluster.Standby;
            refusedSince = refused ? refusedSince ?? clock.GetTimestamp() : null;
            return refusedSince is { } since && clock.GetElapsedTime(since) > RefusalStands;
        }
    }

    private async Task CompareAsync(DrillCluster cluster, CancellationToken ct)
    {
        var commits = await cluster.CompareAsync(ct);
        _compared += commits.Count;
        if (commits.Count > 0) _lastCommit = commits[^1];
    }

    private void CloseOpen(IEnumerable<RecoveryTimeline> recoveries)
    {
        foreach (var (index, killedAt, kind, hosts) in _open)
        {
            var ended = recoveries.FirstOrDefault(recovery => recovery.ResumedAt > killedAt);
            // A silo or a standby may die without a recovery. If a recovery ran anyway, for another failure, it does not belong to this kill.
            var isDue = kind != KillTarget.Silo && hosts.Any(host => _scene?.PositionOf(host) is not null);
            if (ended is null || (!isDue && !ended.Hosts.Intersect(hosts).Any()))
            {
                _failures[index] = _failures[index] with { Outcome = "undisturbed" };
                continue;
            }

            _failures[index] = _failures[index] with
            {
                Outcome = "recovered",
                RecoveryMs = ended.ResumedAt - killedAt,
                Source = ended.Source.ToString().ToLowerInvariant(),
                LostIterations = Math.Max(0, ended.ReachedIteration.Value - ended.ResumedIteration.Value),
            };
            var failure = _failures[index];
            Say($"  {failure.Number}: recovered in {failure.RecoveryMs} ms from {failure.Source}, lost {failure.LostIterations}");
        }

        _open.Clear();
    }

    private void CloseOpen(string failure)
    {
        foreach (var (index, _, _, _) in _open) _failures[index] = _failures[index] with { Outcome = failure };
        _open.Clear();
    }

    private ChaosReport CreateReport(string problem)
    {
        var times = _failures.Select(failure => failure.RecoveryMs).OfType<long>().ToList();
        var isIdentical = _compared > 0 && !problem.Contains("uninterrupted", StringComparison.Ordinal);
        return new ChaosReport(
            options.Shape.Hosts, options.Shape.Replicas, options.Cluster.Standby, options.Cluster.Model, options.Cluster.Mode.ToString(),
            options.WithStorage, options.Cluster.Seed, (long)clock.GetElapsedTime(_started).TotalSeconds,
            _failures.Count(failure => failure.Outcome is "recovered" or "undisturbed"), _failures.Count(failure => failure.Outcome == "refused"),
            ChaosReport.Percentile(times, 0.5), ChaosReport.Percentile(times, 0.95), times.DefaultIfEmpty().Max(),
            _failures.Sum(failure => failure.LostIterations), _compared, _lastCommit?.Committed.Value ?? 0,
            StateHash.Combine(_lastCommit?.CommittedHashes ?? []), isIdentical, problem, [.. _failures]);
    }

    private void Say(string line) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{clock.GetElapsedTime(_started).TotalSeconds,7:0.0} s] {line}"));
}
