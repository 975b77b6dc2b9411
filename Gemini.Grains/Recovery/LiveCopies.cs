using System.Collections.Immutable;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>The smallest number of live copies that a shard has, and the ranks whose shards have only that many.</summary>
/// <param name="Least">Copies on different hosts; zero: no snapshot is whole.</param>
/// <param name="Weakest">The ranks of the shards with that many copies, ascending.</param>
/// <remarks>
/// There are two sources, and each is right when the other is not. Reports are exact while nobody trains. During training, the reports of two hosts
/// are from two moments and may have no snapshot in common. A commit is exact during training: commit means that every holder in the placement has
/// its copy. That stays true as long as the holder's silo process lives and has not found the copy bad.
/// </remarks>
public readonly record struct LiveCopies(int Least, ImmutableArray<Rank> Weakest)
{
    /// <summary>
    /// Counts from the reports of present hosts. Of all whole snapshots, the result is for the one whose shard with the fewest copies has the most.
    /// </summary>
    public static LiveCopies Reported(JobSpec job, IEnumerable<ImmutableArray<Replica>> inventories)
    {
        var snapshots = new Dictionary<SnapshotId, Dictionary<(Rank Owner, ContentHash Hash), int>>();
        foreach (var replica in inventories.SelectMany(replicas => replicas))
        {
            if (!snapshots.TryGetValue(replica.Snapshot, out var copies)) snapshots.Add(replica.Snapshot, copies = []);
            copies[(replica.Owner, replica.Hash)] = copies.GetValueOrDefault((replica.Owner, replica.Hash)) + 1;
        }

        return snapshots.Values
            .Select(copies => Of(job, copies.GroupBy(copy => copy.Key.Owner).ToDictionary(shard => shard.Key, shard => shard.Max(copy => copy.Value))))
            .Append(Of(job, []))
            .OrderByDescending(copies => copies.Least)
            .ThenBy(copies => copies.Weakest.Length)
            .First();
    }

    /// <summary>Counts from the commit: the holders in the placement that still have their copy.</summary>
    public static LiveCopies Committed(JobSpec job, PlacementPlan placement, Func<HostPosition, Rank, bool> holds) =>
        Of(job, Enumerable.Range(0, job.WorldSize).Select(rank => new Rank(rank)).ToDictionary(
            rank => rank, rank => placement.HoldersOf(job.PositionOf(rank)).Count(position => holds(position, rank))));

    private static LiveCopies Of(JobSpec job, Dictionary<Rank, int> copies)
    {
        var ranks = Enumerable.Range(0, job.WorldSize).Select(rank => new Rank(rank)).ToList();
        var least = ranks.Min(rank => copies.GetValueOrDefault(rank));
        return new LiveCopies(least, [.. ranks.Where(rank => copies.GetValueOrDefault(rank) == least)]);
    }
}
