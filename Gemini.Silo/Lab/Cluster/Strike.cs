using Gemini.Interfaces.Model;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>
/// SIGKILL to one part of each of some hosts. All processes are found before the first one dies, so that they die at one moment. A host dies with its
/// spares and its memory, as if its machine did.
/// </summary>
internal sealed class Strike
{
    /// <summary>How long a dead silo stays lost: a supervisor starts it again at once.</summary>
    private static readonly TimeSpan SiloAbsence = TimeSpan.FromMilliseconds(200);

    private readonly KillTarget _target;
    private readonly IReadOnlyCollection<HostName> _victims;
    private readonly LocalCluster _cluster;
    private readonly List<int> _trainers;

    /// <summary>Finds the processes, and kills none of them yet.</summary>
    /// <param name="target">Which part of each host.</param>
    /// <param name="victims">The hosts.</param>
    /// <param name="cluster">Where they run.</param>
    /// <param name="status">The newest status, which names the trainers.</param>
    public Strike(KillTarget target, IReadOnlyCollection<HostName> victims, LocalCluster cluster, JobStatus status)
    {
        (_target, _victims, _cluster) = (target, victims, cluster);
        _trainers = target switch
        {
            KillTarget.Trainer => [.. victims.SelectMany(victim => cluster.TrainersOf(victim, status))],
            KillTarget.Host => [.. victims.SelectMany(victim => cluster.TrainersAndSparesOf(victim, status))],
            _ => [],
        };
        var silos = target == KillTarget.Trainer ? [] : victims.Select(victim => cluster.Host(victim.Value).ProcessId);
        ProcessIds = [.. silos, .. _trainers];
    }

    /// <summary>Every process that dies.</summary>
    public IReadOnlyList<int> ProcessIds { get; }

    /// <summary>Kills them.</summary>
    /// <param name="absence">How long a killed host stays lost, until its operator starts it again.</param>
    public void Execute(TimeSpan absence)
    {
        // Kill the silos first, so that they have no time to start their trainers again.
        if (_target != KillTarget.Trainer)
            foreach (var victim in _victims)
                _cluster.Host(victim.Value).Kill(_target == KillTarget.Host ? absence : SiloAbsence);
        foreach (var trainer in _trainers) ProcessTools.Kill(trainer);
        if (_target != KillTarget.Host) return;
        foreach (var victim in _victims) _cluster.RemoveMemory(victim);
    }
}
