using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>Decides which snapshot in host memory to resume from, and from which hosts each rank takes its shard. Pure.</summary>
/// <remarks>
/// GEMINI (SOSP'23) §3.1 and §6.2: own memory first, then a peer's. The plan takes the newest snapshot of which every shard has a sealed copy in the
/// inventories. That can be a newer snapshot than the committed one. Copies of one shard with different hashes never mix: the plan takes the hash
/// that most holders have. On a tie it takes the hash that the owner's host has, else the smallest hash. So every root agent decides alike.
/// </remarks>
public static class RecoveryPlanner
{
    /// <param name="job">The job.</param>
    /// <param name="assignment">The host at each position; the default name if the position is vacant.</param>
    /// <param name="inventories">The sealed copies of every host that may be a source.</param>
    /// <param name="committed">An iteration known to be committed; zero if none is; null if that is not known, because the record was lost.</param>
    /// <returns>
    /// The plan is null if nothing can be restored and something was or may have been committed; then the reason says what is missing. If there is a
    /// plan, nothing is missing.
    /// </returns>
    public static (RecoveryPlan? Plan, string Reason, MissingShards? Missing) Plan(
        JobSpec job, ImmutableArray<HostName> assignment, IReadOnlyDictionary<HostName, ImmutableArray<Replica>> inventories, Iteration? committed)
    {
        var copies = CopiesBySnapshot(job, inventories);
        foreach (var (snapshot, shards) in copies.OrderByDescending(entry => entry.Key))
        {
            if (Array.Exists(shards, holders => holders is null)) continue;
            var recoveries = ImmutableArray.CreateBuilder<ShardRecovery>(job.WorldSize);
            var local = true;
            for (var rank = 0; rank < shards.Length; rank++)
            {
                var ownHost = assignment[job.PositionOf(new Rank(rank)).Value];
                var recovery = ToRecovery(shards[rank]!, ownHost);
                recoveries.Add(recovery);
                local &= recovery.Sources[0] == ownHost;
            }

            var plan = new RecoveryPlan(snapshot, recoveries.MoveToImmutable(), local ? CopySource.Local : CopySource.Peer);
            return (plan, $"snapshot {snapshot} is whole in host memory{(local ? "" : ", but some shards are only at peers")}", null);
        }

        if (committed == Iteration.Zero)
            return (new RecoveryPlan(null, [], CopySource.None), "no snapshot was ever committed: starting from the beginning", null);
        var missing = FindMissing(job, copies);
        return (null, Describe(missing, committed), missing);
    }

    private static IEnumerable<Rank> Ranks(JobSpec job) => Enumerable.Range(0, job.WorldSize).Select(rank => new Rank(rank));

    /// <summary>
    /// The holders of every rank's copies, by their names. A copy whose owner is no rank of this job is not counted, because it must not hide the right
    /// copies.
    /// </summary>
    private static Dictionary<SnapshotId, List<Copy>?[]> CopiesBySnapshot(
        JobSpec job, IReadOnlyDictionary<HostName, ImmutableArray<Replica>> inventories)
    {
        var result = new Dictionary<SnapshotId, List<Copy>?[]>();
        foreach (var (host, replicas) in inventories.OrderBy(entry => entry.Key))
        {
            foreach (var replica in replicas)
            {
                var owner = replica.Owner.Value;
                if (owner < 0 || owner >= job.WorldSize) continue;
                if (!result.TryGetValue(replica.Snapshot, out var shards)) result.Add(replica.Snapshot, shards = new List<Copy>?[job.WorldSize]);
                (shards[owner] ??= []).Add(new Copy(host, replica));
            }
        }

        return result;
    }

    private static ShardRecovery ToRecovery(List<Copy> copies, HostName ownHost)
    {
        var agreed = Agreed(copies, ownHost);
        var sources = ImmutableArray.CreateBuilder<HostName>(agreed.Count);
        foreach (var copy in agreed)
        {
            // The copies are in the order of their holders' names.
            if (copy.Host == ownHost) sources.Insert(0, ownHost);
            else sources.Add(copy.Host);
        }

        return new ShardRecovery(agreed[0].Replica, sources.ToImmutable());
    }

    /// <summary>The copies with the hash that counts. Mostly all copies agree.</summary>
    private static List<Copy> Agreed(List<Copy> copies, HostName ownHost)
    {
        var first = copies[0].Replica;
        if (copies.TrueForAll(copy => copy.Replica.Hash == first.Hash && copy.Replica.PayloadBytes == first.PayloadBytes)) return copies;
        return
        [
            .. copies.GroupBy(copy => (copy.Replica.Hash, copy.Replica.PayloadBytes))
                .OrderByDescending(group => group.Count())
                .ThenByDescending(group => group.Any(copy => copy.Host == ownHost))
                .ThenBy(group => group.Key.Hash.Value)
                .First(),
        ];
    }

    private static MissingShards FindMissing(JobSpec job, Dictionary<SnapshotId, List<Copy>?[]> copies)
    {
        if (copies.Count == 0) return new MissingShards(null, [.. Ranks(job)]);
        var (snapshot, shards) = copies.MaxBy(entry => (entry.Value.Count(holders => holders is not null), entry.Key));
        return new MissingShards(snapshot, [.. Ranks(job).Where(rank => shards[rank.Value] is null)]);
    }

    private static string Describe(MissingShards missing, Iteration? committed)
    {
        var known = committed is { } iteration ? $"iteration {iteration} was committed" : "the job's record was lost";
        return missing.Snapshot is not { } snapshot
            ? $"{known}, but no live host holds any replica"
            : $"{known}, but no snapshot is whole: of {snapshot}, the most complete one, "
                + $"no live host holds the shards of rank {string.Join(", ", missing.Ranks)}";
    }

    private readonly record struct Copy(HostName Host, Replica Replica);
}
