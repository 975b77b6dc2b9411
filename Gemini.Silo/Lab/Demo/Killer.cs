using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Demo;

/// <summary>Executes each of the demo's kills once, when its iteration runs.</summary>
internal sealed class Killer(ImmutableArray<KillSpec> kills, LocalCluster cluster, TimeProvider clock, Action<string> say)
{
    /// <summary>How long a dead machine stays lost until its operator has started it again.</summary>
    private static readonly TimeSpan MachineRestart = TimeSpan.FromSeconds(3);

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
        var strike = new Strike(target, [victim], cluster, status);
        var at = clock.GetUtcNow().ToUnixTimeMilliseconds();
        strike.Execute(MachineRestart);
        return at;
    }
}
