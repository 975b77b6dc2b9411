using System.Collections.Immutable;
using System.Globalization;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Lab.Detection;

/// <summary><c>gemini drill detect</c>: makes each fault several times and measures how soon the root agent has its verdict.</summary>
internal sealed class DetectDrill(DetectionOptions options, TextWriter output, TextWriter error, TimeProvider clock)
{
    /// <summary>A verdict that has not come within this time never comes.</summary>
    private static readonly TimeSpan VerdictLimit = TimeSpan.FromSeconds(45);

    /// <summary>A dead machine comes back after this time, as a standby.</summary>
    private static readonly TimeSpan Restart = TimeSpan.FromSeconds(1);

    private int _turn;

    /// <summary>The exit code.</summary>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        var results = await MeasureAsync(ct);
        foreach (var line in Table(results)) output.WriteLine(line);
        var report = new DetectionReport(
            ProfileName, options.Model, options.PaceMilliseconds, options.Hosts, Environment.ProcessorCount, results);
        if (options.Report is { } path) ReportFile.Write(path, report);
        foreach (var late in results.Where(result => !result.IsWithin))
            error.WriteLine($"gemini drill detect: {late.Fault} was detected after {late.MedianMs} ms (median); the limit is {late.LimitMs} ms");
        return results.All(result => result.IsWithin) ? ExitCodes.Success : ExitCodes.Failed;
    }

    /// <summary>Makes every fault. One result for each.</summary>
    /// <exception cref="LabException">A verdict was wrong, or did not come.</exception>
    public async Task<ImmutableArray<FaultResult>> MeasureAsync(CancellationToken ct)
    {
        var onLoopback = options.Faults.Remove(Fault.CutCable);
        var results = ImmutableArray.CreateBuilder<FaultResult>();
        if (!onLoopback.IsEmpty) results.AddRange(await RunAsync(onLoopback, network: null, ct));
        if (options.Faults.Contains(Fault.CutCable)) results.Add(await RunCutCableAsync(ct));
        return results.ToImmutable();
    }

    private async Task<FaultResult> RunCutCableAsync(CancellationToken ct)
    {
        var (network, reason) = HostNetwork.TryCreate(HostNames.Names(options.Hosts + 1));
        if (network is null)
        {
            Say($"cut-cable SKIPPED: hosts get no network namespaces of their own here: {reason}");
            return new FaultResult(Faults.NameOf(Fault.CutCable), Limit(Fault.CutCable), [], $"no network namespaces: {reason}");
        }

        using (network) return (await RunAsync([Fault.CutCable], network, ct)).Single();
    }

    private async Task<IReadOnlyList<FaultResult>> RunAsync(ImmutableArray<Fault> faults, HostNetwork? network, CancellationToken ct)
    {
        await using var cluster = new DetectionCluster(options, network, clock, Say, ct);
        await cluster.StartAsync(ct);
        var results = new List<FaultResult>();
        foreach (var fault in faults)
        {
            var verdicts = ImmutableArray.CreateBuilder<long>();
            for (var repetition = 0; repetition < options.Repetitions; repetition++) verdicts.Add(await MeasureAsync(cluster, fault));
            results.Add(new FaultResult(Faults.NameOf(fault), Limit(fault), verdicts.ToImmutable(), Skipped: null));
        }

        cluster.Succeed();
        return results;
    }

    /// <summary>Milliseconds from the fault to the verdict.</summary>
    private async Task<long> MeasureAsync(DetectionCluster cluster, Fault fault)
    {
        var before = await cluster.ReadyAsync();
        var victim = Victim(fault, before);
        var silo = cluster.Processes.Host(victim.Value).ProcessId;
        var trainers = cluster.Processes.TrainersOf(victim, before);
        var kill = Faults.KillOf(fault) is { } target ? new Strike(target, [victim], cluster.Processes, before) : null;
        var struckAt = Now;
        if (kill is not null) kill.Execute(Restart);
        else Disturb(cluster, fault, victim, silo, trainers);
        var verdict = await VerdictAsync(cluster, fault, victim, struckAt);
        Say($"{Faults.NameOf(fault)} of {victim}: {verdict.Reason}, after {verdict.At - struckAt} ms");
        Heal(cluster, fault, victim, silo, trainers);
        return verdict.At - struckAt;
    }

    /// <summary>
    /// Takes each position in turn. Leaves out the root agent's host unless the fault is meant for it, because another host has to give the verdict
    /// on that host.
    /// </summary>
    private HostName Victim(Fault fault, JobStatus status)
    {
        var hosts = status.Hosts.Where(host => host.Position is not null).Select(host => host.Report.Host).ToList();
        if (fault == Fault.FreezeRoot && hosts.Contains(status.RootHost)) return status.RootHost;
        var others = hosts.Where(host => host != status.RootHost).ToList();
        return others[_turn++ % others.Count];
    }

    /// <summary>Makes a fault that kills nobody.</summary>
    private static void Disturb(DetectionCluster cluster, Fault fault, HostName victim, int silo, IReadOnlyList<int> trainers)
    {
        switch (fault)
        {
            case Fault.FreezeHost or Fault.FreezeRoot:
                foreach (var process in trainers.Prepend(silo)) ProcessSignals.Stop(process);
                break;
            case Fault.FreezeSilo:
                ProcessSignals.Stop(silo);
                break;
            case Fault.FreezeTrainer:
                foreach (var trainer in trainers) ProcessSignals.Stop(trainer);
                break;
            case Fault.CutCable:
                cluster.Network!.Cut(victim.Value);
                break;
        }
    }

    /// <summary>A host that thaws, or is joined again, finds itself replaced. Its silo ends itself and is started again, as a standby.</summary>
    private static void Heal(DetectionCluster cluster, Fault fault, HostName victim, int silo, IReadOnlyList<int> trainers)
    {
        if (fault == Fault.CutCable) cluster.Network!.Mend(victim.Value);
        else if (fault is Fault.FreezeHost or Fault.FreezeRoot or Fault.FreezeSilo or Fault.FreezeTrainer)
            foreach (var process in trainers.Prepend(silo)) ProcessSignals.Continue(process);
    }

    private static async Task<(long At, string Reason)> VerdictAsync(DetectionCluster cluster, Fault fault, HostName victim, long struckAt)
    {
        var name = Faults.NameOf(fault);
        if (Faults.VerdictOn(fault) is not { } kind)
        {
            var exposed = await cluster.UntilAsync(
                status => status.Phase == JobPhase.Running && status.Redundancy.ExposedSince >= struckAt
                    && status.Reason.Contains(victim.Value, StringComparison.Ordinal),
                $"{name} of {victim}",
                VerdictLimit);
            return (exposed.Redundancy.ExposedSince, exposed.Reason);
        }

        var status = await cluster.UntilAsync(status => Answer(status, struckAt) is not null, $"{name} of {victim}", VerdictLimit);
        var recovery = Answer(status, struckAt)!;
        return recovery.Kind == kind && recovery.Hosts.Contains(victim)
            ? (recovery.DetectedAt, recovery.Reason)
            : throw new LabException(
                $"{name} of {victim} was judged as a {recovery.Kind} failure of {string.Join(", ", recovery.Hosts)}: {recovery.Reason}");
    }

    private static RecoveryTimeline? Answer(JobStatus status, long struckAt) =>
        status.Recoveries.FirstOrDefault(recovery => recovery.DetectedAt >= struckAt);

    private IEnumerable<string> Table(IEnumerable<FaultResult> results)
    {
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{"fault",-15} {"times",5} {"median",9} {"worst",9} {"limit",9}   ({ProfileName} profile, {options.Hosts} hosts, {options.Model}, {Speed})");
        foreach (var result in results)
        {
            yield return result.Skipped is { } reason
                ? $"{result.Fault,-15} skipped: {reason}"
                : string.Create(CultureInfo.InvariantCulture,
                    $"{result.Fault,-15} {result.VerdictsMs.Length,5} {result.MedianMs,6} ms {result.WorstMs,6} ms {result.LimitMs,6} ms   ")
                    + (result.IsWithin ? "ok" : "LATE");
        }
    }

    private string Speed => options.PaceMilliseconds > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{options.PaceMilliseconds} ms or more an iteration")
        : "full speed";

    private string ProfileName => options.Profile.ToString().ToLowerInvariant();

    private long Limit(Fault fault) => (long)Faults.LimitOf(fault, options.Profile).TotalMilliseconds;

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private void Say(string line) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{clock.GetUtcNow():HH:mm:ss.fff}] {line}"));
}
