using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Demo;

/// <summary>Which kills are due, and which hosts they hit. Pure.</summary>
internal static class KillSchedule
{
    /// <summary>
    /// Whether the iteration of a kill is running. Only while the job trains: during a recovery, the count of iterations is that of the earlier
    /// epoch.
    /// </summary>
    public static bool IsDue(KillSpec kill, JobStatus status) =>
        status.Phase is JobPhase.Running or JobPhase.Completed && status.Trained.Value + 1 >= kill.Iteration;

    /// <summary>
    /// The named host if it has a position or never had one; otherwise the host that took over its position. Null if no host has the position.
    /// </summary>
    public static HostName? Victim(KillSpec kill, JobStatus status)
    {
        var named = new HostName(kill.Host);
        var position = status.Job.Hosts.IndexOf(named);
        if (position < 0 || status.Hosts.Any(host => host.Report.Host == named && host.Position is not null)) return named;
        return status.Hosts.FirstOrDefault(host => host.Position == new HostPosition(position))?.Report.Host;
    }
}
