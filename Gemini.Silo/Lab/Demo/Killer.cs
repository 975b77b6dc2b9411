using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Lab.Demo;

/// <summary>Executes each of the demo's kills once, when its iteration runs.</summary>
internal sealed class Killer(ImmutableArray<KillSpec> kills, LocalCluster cluster, TimeProvider clock, Action<string> say)
{
    /// <summary>How long a dead machine stays lost until its operator has started it again.</summary>
    private static readonly TimeSpan MachineRestart = TimeSpan.FromSeconds(3);

    /// <summary>How long a dead silo stays lost: a supervisor starts it again at once.</summary>
    private static readonly TimeSpan SiloRestart = TimeSpan.FromMilliseconds(200);

    private readonly List<KillSpec> _pending = [.. kills];
    private readonly List<KillRecord> _done = [];

    public IReadOnlyList<KillRecord> Done => _done;

    public IReadOnlyList<KillSpec> Pending => _pending;

    public void Observe(JobStatus status)
    {
        foreach (var kill in _pending.Where(kill => KillSchedule.IsDue(kill, status)).ToArray())
        {
            if (KillSchedule.Victim(kill, status) is not { } victim) continue;
            _pending.Remove(kill);
            var iteration = status.Trained.Value + 1;
            var instead = victim.Value == kill.Host ? "" : $" (in place of {kill.Host}, whose position it took)";
            say($"KILL {kill.Target.ToString().ToLowerInvariant()} of {victim}{instead} in iteration {iteration}");
            _done.Add(new KillRecord(kill, victim, iteration, Execute(kill.Target, victim, status)));
        }
    }

    /// <summary>Returns the time of the kill: right before the first process is killed, after all of them have been found.</summary>
    private long Execute(KillTarget target, HostName victim, JobStatus status)
    {
        var host = cluster.Host(victim.Value);
        var trainers = target switch
        {
            KillTarget.Trainer => cluster.TrainersOf(victim, status),
            KillTarget.Host => cluster.TrainersAndSparesOf(victim, status),
            _ => [],
        };
        var at = clock.GetUtcNow().ToUnixTimeMilliseconds();
        // Kill the silo first, so that it has no time to start its trainers again.
        if (target != KillTarget.Trainer) host.Kill(target == KillTarget.Host ? MachineRestart : SiloRestart);
        foreach (var trainer in trainers) ProcessTools.Kill(trainer);
        if (target == KillTarget.Host) cluster.RemoveMemory(victim);
        return at;
    }
}
