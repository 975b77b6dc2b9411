using System.Collections.Immutable;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>How many live copies the shard with the fewest has, and whose shards have no more than these.</summary>
/// <param name="Least">Copies on different hosts; zero: no snapshot is whole.</param>
/// <param name="Weakest">The ranks of these shards, ascending.</param>
/// <remarks>
/// Two sources, each right where the other is not. Reports are exact while nobody trains; while somebody does, those of two
/// hosts are of two moments, and may have no snapshot in common. A commit is exact while training: by its very meaning each
/// holder that the placement names has its copy, as long as that host's process lives and has not found the copy bad.
/// </remarks>
public readonly record struct LiveCopies(int Least, ImmutableArray<Rank> Weakest)
{
    /// <summary>By what live hosts report: of all whole snapshots, the one whose least copied shard has most copies.</summary>
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

    /// <summary>By the commit: of the holders that the placement names, those that still have their copy.</summary>
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
