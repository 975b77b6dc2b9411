using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Matrix;

/// <summary>Decides which hosts a case hits, and how the case has to end. Pure.</summary>
internal static class DrillPlanner
{
    /// <param name="drill">The case.</param>
    /// <param name="scene">The role of each host.</param>
    /// <param name="random">Chooses among hosts that are equal to the case.</param>
    public static DrillPlan Plan(DrillCase drill, DrillScene scene, Random random)
    {
        var victims = Victims(drill.Target, scene, random);
        var kind = drill.Target switch
        {
            DrillTarget.Trainer => KillTarget.Trainer,
            DrillTarget.Silo => KillTarget.Silo,
            _ => KillTarget.Host,
        };
        (KillTarget Kind, HostName Host)? first = drill.IsInRecovery ? First(drill.Time, scene, victims, random) : null;
        var hosts = kind == KillTarget.Host ? victims.ToList() : [];
        if (first is { Kind: KillTarget.Host, Host: var host }) hosts.Add(host);
        var lost = scene.LostWith(hosts);
        if (!lost.IsEmpty) return new DrillPlan(first, kind, victims, lost, drill.WithStorage ? DrillEnding.Storage : DrillEnding.Refusal);
        var stopsTraining = first is not null || (kind != KillTarget.Silo && victims.Any(victim => scene.PositionOf(victim) is not null));
        return new DrillPlan(first, kind, victims, lost, stopsTraining ? DrillEnding.Memory : DrillEnding.Undisturbed);
    }

    private static ImmutableArray<HostName> Victims(DrillTarget target, DrillScene scene, Random random)
    {
        var groups = scene.Placement.Groups;
        switch (target)
        {
            case DrillTarget.GroupPair:
                var members = groups[random.Next(groups.Length)].Members;
                var start = random.Next(members.Length);
                return [At(members[start]), At(members[(start + 1) % members.Length])];
            case DrillTarget.CrossPair:
                var one = random.Next(groups.Length);
                var other = (one + 1 + random.Next(groups.Length - 1)) % groups.Length;
                return [At(Any(groups[one].Members)), At(Any(groups[other].Members))];
            case DrillTarget.All:
                return [.. scene.Assigned, scene.Standby];
            case DrillTarget.Root:
                return [scene.Root];
            case DrillTarget.Standby:
                return [scene.Standby];
            case DrillTarget.Redis:
                return [];
            default:
                return [Any(scene.Assigned)];
        }

        HostName At(HostPosition position) => scene.Assigned[position.Value];
        T Any<T>(ImmutableArray<T> choices) => choices[random.Next(choices.Length)];
    }

    /// <summary>
    /// A trainer if the moment follows any failure; a whole host if the moment needs a replacement and a copy to fetch. Not one of the victims, and
    /// from a group without victims, if that is possible.
    /// </summary>
    private static (KillTarget Kind, HostName Host) First(DrillTime time, DrillScene scene, ImmutableArray<HostName> victims, Random random)
    {
        var kind = time is DrillTime.Replace or DrillTime.Fetch ? KillTarget.Host : KillTarget.Trainer;
        var hit = victims.Select(scene.PositionOf).OfType<int>().Select(GroupOf).ToHashSet();
        var best = Enumerable.Range(0, scene.Assigned.Length)
            .GroupBy(position => (IsVictim: victims.Contains(scene.Assigned[position]), IsHit: hit.Contains(GroupOf(position))))
            .MinBy(alike => alike.Key)!
            .ToList();
        return (kind, scene.Assigned[best[random.Next(best.Count)]]);

        int GroupOf(int position) => scene.Placement.GroupOf(new HostPosition(position)).Index;
    }
}
