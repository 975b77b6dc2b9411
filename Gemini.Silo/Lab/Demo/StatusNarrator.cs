using System.Globalization;
using Gemini.Interfaces.Model;
using Gemini.Silo.Status;

namespace Gemini.Silo.Lab.Demo;

/// <summary>Turns the differences between one status and the next into lines for people. Says each difference once.</summary>
internal sealed class StatusNarrator
{
    private readonly Dictionary<HostName, string> _processes = [];
    private readonly Dictionary<HostName, string> _problems = [];
    private readonly HashSet<Epoch> _recovered = [];
    private (JobPhase Phase, string Reason)? _phase;
    private HostName? _root;
    private Iteration _persisted;
    private string? _storageProblem;
    private string _warning = "";
    private string? _slow;

    public IEnumerable<string> Observe(JobStatus status)
    {
        if (_phase?.Phase != status.Phase)
            yield return $"{status.Phase.ToString().ToLowerInvariant()}{(status.Reason.Length > 0 ? ": " + status.Reason : "")}";
        _phase = (status.Phase, status.Reason);
        if (_root != status.RootHost && status.RootHost.Value is { Length: > 0 }) yield return $"root agent runs on {status.RootHost}";
        _root = status.RootHost;
        foreach (var host in status.Hosts)
        {
            // A root agent that has just come up knows only the name of a lost host.
            if (host.Report.SiloProcessId != 0 && Changed(_processes, host.Report.Host, Processes(host.Report)) is { } processes) yield return processes;
            if (Changed(_problems, host.Report.Host, host.Report.Problem ?? "") is { Length: > 0 } problem)
                yield return $"{host.Report.Host}: {problem}";
        }

        var warning = status.Phase == JobPhase.Running ? status.Reason : "";
        if (warning != _warning && warning.Length > 0) yield return warning;
        _warning = warning;
        if (status.Slow != _slow && status.Slow is { } slow) yield return $"slow: {slow}";
        _slow = status.Slow;
        if (status.Persisted > _persisted) yield return $"persisted iteration {status.Persisted} in storage";
        _persisted = status.Persisted;
        if (status.StorageProblem != _storageProblem)
            yield return status.StorageProblem is { } trouble ? $"storage, trying again: {trouble}" : "storage works again";
        _storageProblem = status.StorageProblem;
        foreach (var recovery in status.Recoveries.Where(recovery => recovery.ResumedAt > 0 && _recovered.Add(recovery.Epoch)))
            yield return Recovered(recovery);
    }

    /// <summary>The state of the job, on one line.</summary>
    public static string Milestone(JobStatus status, long iterations)
    {
        var loss = status.Hosts.SelectMany(host => host.Report.Trainers).Select(trainer => trainer.Loss).LastOrDefault(double.IsFinite, double.NaN);
        return string.Create(CultureInfo.InvariantCulture,
            $"iteration {status.Trained}/{iterations}  loss {loss:0.000}  captured {status.Captured}  committed {status.Committed}  "
            + $"{status.IterationMillisecondsMedian:0} ms/iteration  "
            + $"memory {ByteText.Of(status.Hosts.Where(host => host.Alive).Sum(host => host.Report.MemoryBytes))}");
    }

    private static string? Changed(Dictionary<HostName, string> known, HostName host, string now)
    {
        if (known.TryGetValue(host, out var before) && before == now) return null;
        known[host] = now;
        return now;
    }

    private static string Processes(HostReport report)
    {
        var trainers = report.Trainers.Where(trainer => trainer.ProcessId != 0 && trainer.State != TrainerState.Exited)
            .Select(trainer => string.Create(CultureInfo.InvariantCulture, $", trainer pid {trainer.ProcessId}"));
        return string.Create(CultureInfo.InvariantCulture, $"{report.Host}: silo pid {report.SiloProcessId}{string.Concat(trainers)}");
    }

    private static string Recovered(RecoveryTimeline recovery)
    {
        var start = recovery.FailedAt > 0 ? recovery.FailedAt : recovery.DetectedAt;
        var phases = RecoveryPhases.Of(start, recovery.DetectedAt, recovery);
        return $"recovered from the {recovery.Kind.ToString().ToLowerInvariant()} failure of {string.Join(", ", recovery.Hosts)} in {phases.Total} ms ("
            + string.Join(", ", phases.All.Select(phase => $"{phase.Name} {phase.Milliseconds}"))
            + $"), from iteration {recovery.ResumedIteration}, source {recovery.Source.ToString().ToLowerInvariant()}";
    }
}
