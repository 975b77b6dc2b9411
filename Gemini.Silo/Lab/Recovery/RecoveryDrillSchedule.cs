using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Recovery;

/// <summary>
/// What <c>gemini drill recovery</c> kills: first for all software failures, then for all hardware failures, each at the next position. Pure.
/// </summary>
internal static class RecoveryDrillSchedule
{
    /// <summary>The kill with this index, 0 to 2·<paramref name="repeat"/> − 1, at the job's present iteration.</summary>
    public static KillSpec Kill(int index, int repeat, JobStatus status)
    {
        var target = index < repeat ? KillTarget.Trainer : KillTarget.Host;
        var position = new HostPosition(index % status.Job.HostCount);
        var victim = status.Hosts.First(host => host.Position == position).Report.Host;
        return new KillSpec(target, victim.Value, status.Trained.Value + 1);
    }
}
