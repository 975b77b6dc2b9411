using System.Collections.Immutable;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Placement.Plans;

/// <summary>Which positions hold whose replicas. Immutable; fixed for the life of the job (paper §4).</summary>
public sealed class PlacementPlan
{
    private readonly int[] _groupOf;
    private readonly ImmutableArray<HostPosition>[] _holders;
    private readonly ImmutableArray<HostPosition>[] _held;

    /// <param name="hostCount">N.</param>
    /// <param name="replicas">m, the owner's own copy included.</param>
    /// <param name="groups">Disjoint groups that cover the positions 0 to N-1.</param>
    public PlacementPlan(int hostCount, int replicas, ImmutableArray<PlacementGroup> groups)
    {
        Replicas = replicas;
        Groups = groups;
        Check(hostCount, replicas, groups);
        _groupOf = new int[hostCount];
        _holders = new ImmutableArray<HostPosition>[hostCount];
        var held = new List<HostPosition>[hostCount];
        for (var position = 0; position < hostCount; position++) held[position] = [];
        foreach (var group in groups)
        {
            for (var index = 0; index < group.Members.Length; index++)
            {
                var owner = group.Members[index];
                _groupOf[owner.Value] = group.Index;
                _holders[owner.Value] = HoldersAt(group, index, replicas);
                foreach (var holder in _holders[owner.Value].Skip(1)) held[holder.Value].Add(owner);
            }
        }

        _held = [.. held.Select(owners => owners.Order().ToImmutableArray())];
        CheckHolders();
    }

    /// <summary>N.</summary>
    public int HostCount => _groupOf.Length;

    /// <summary>m, the owner's own copy included.</summary>
    public int Replicas { get; }

    public ImmutableArray<PlacementGroup> Groups { get; }

    public PlacementGroup GroupOf(HostPosition position) => Groups[_groupOf[position.Value]];

    /// <summary>The m positions that hold this position's shards: itself first, then its peers in ring order.</summary>
    public ImmutableArray<HostPosition> HoldersOf(HostPosition owner) => _holders[owner.Value];

    /// <summary>The positions whose shards this position holds besides its own, ascending.</summary>
    public ImmutableArray<HostPosition> HeldBy(HostPosition holder) => _held[holder.Value];

    /// <summary>The groups are disjoint and cover all positions; each has m members, or more if it is a ring.</summary>
    private static void Check(int hostCount, int replicas, ImmutableArray<PlacementGroup> groups)
    {
        var seen = new bool[hostCount];
        for (var index = 0; index < groups.Length; index++)
        {
            var group = groups[index];
            Invariant.Check(group.Index == index, $"placement group {group.Index} stands at place {index}");
            Invariant.Check(
                group.Strategy == GroupStrategy.Ring ? group.Members.Length > replicas : group.Members.Length == replicas,
                $"placement group {index}, a {group.Strategy}, has {group.Members.Length} members for {replicas} replicas");
            foreach (var member in group.Members)
            {
                Invariant.Check(member.Value >= 0 && member.Value < hostCount, $"position {member} is in a placement of {hostCount} hosts");
                Invariant.Check(!seen[member.Value], $"position {member} is in two placement groups");
                seen[member.Value] = true;
            }
        }

        Invariant.Check(Array.TrueForAll(seen, isSeen => isSeen), "a position is in no placement group");
    }

    /// <summary>Theorem 1: every host sends and receives exactly m-1 copies.</summary>
    private void CheckHolders()
    {
        for (var position = 0; position < HostCount; position++)
        {
            var holders = _holders[position];
            Invariant.Check(holders[0].Value == position, $"position {position} is not the first holder of its own shards");
            Invariant.Check(holders.Distinct().Count() == Replicas, $"the shards of position {position} have {holders.Distinct().Count()} holders");
            Invariant.Check(_held[position].Length == Replicas - 1, $"position {position} holds the shards of {_held[position].Length} others");
        }
    }

    // In a group of exactly m members the next m-1 around are all the others, so one rule serves both strategies.
    private static ImmutableArray<HostPosition> HoldersAt(PlacementGroup group, int index, int replicas) =>
        [.. Enumerable.Range(0, replicas).Select(step => group.Members[(index + step) % group.Members.Length])];
}
