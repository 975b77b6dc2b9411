using System.Collections.Immutable;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>The role of each host before a case.</summary>
/// <param name="Assigned">The host at each position.</param>
/// <param name="Standby">The host without a position.</param>
/// <param name="Root">The host on which the root agent runs.</param>
/// <param name="Placement">Which hosts keep the replicas of which host.</param>
internal sealed record DrillScene(ImmutableArray<HostName> Assigned, HostName Standby, HostName Root, PlacementPlan Placement)
{
    /// <summary>Null unless every position has a present host and a standby is present.</summary>
    public static DrillScene? Of(JobStatus status)
    {
        var live = status.Hosts.Where(host => host.Alive).ToList();
        var assigned = live.Where(host => host.Position is not null).OrderBy(host => host.Position!.Value).Select(host => host.Report.Host).ToImmutableArray();
        var standbys = live.Where(host => host.Position is null).Select(host => host.Report.Host).ToList();
        if (assigned.Length != status.Job.HostCount || standbys.Count == 0) return null;
        return new DrillScene(assigned, standbys[0], status.RootHost, MixedPlacement.Create(status.Job.HostCount, status.Job.Replicas));
    }

    public int? PositionOf(HostName host) => Assigned.IndexOf(host) is var index and >= 0 ? index : null;

    /// <summary>Whether every shard still has a copy after these hosts lose their memory.</summary>
    public bool Survives(IEnumerable<HostName> lost) => LostWith(lost).IsEmpty;

    /// <summary>
    /// The ranks whose shards have no copy left after these hosts lose their memory, in order. One trainer per host: rank = position.
    /// </summary>
    public ImmutableArray<Rank> LostWith(IEnumerable<HostName> hosts)
    {
        var positions = hosts.Select(PositionOf).OfType<int>().ToHashSet();
        return
        [
            .. Enumerable.Range(0, Assigned.Length)
                .Where(owner => Placement.HoldersOf(new HostPosition(owner)).All(holder => positions.Contains(holder.Value)))
                .Select(owner => new Rank(owner)),
        ];
    }
}
