using System.Collections.Immutable;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Commit;

/// <summary>Answers "which snapshot is safe, and who holds it?" from what the root agent, the groups and the hosts know. Pure.</summary>
/// <remarks>
/// A copy counts if its host is present, and the group's ledger of this epoch or the host's own newest report names it. Both are needed: while the
/// job trains, ledgers are ahead of reports; while it recovers, reports are ahead of ledgers. A lost host's copies do not count, even if a ledger
/// still names them. Only copies with the committed hash count. Checked by: CommitRecordsTests.
/// </remarks>
public static class CommitRecords
{
    public static CommitRecord Of(CommitObservation seen)
    {
        var shards = seen.Committed == Iteration.Zero ? [] : seen.Shards.IsEmpty ? FromReports(seen) : seen.Shards;
        var holders = HoldersByReplica(seen);
        return new CommitRecord
        {
            Epoch = seen.Epoch,
            Captured = seen.Captured,
            Committed = shards.IsEmpty ? null : shards[0].Snapshot,
            Persisted = seen.Persisted,
            Shards = [.. shards.Select(shard => ToShard(seen, shard, holders.GetValueOrDefault(shard) ?? []))],
            SilentGroups = [.. Enumerable.Range(0, seen.Ledgers.Length).Where(group => seen.Ledgers[group] is null)],
        };
    }

    /// <summary>
    /// A new root agent knows only the committed iteration. Finds the newest capture of that iteration for which present hosts report every shard. If
    /// copies of a shard differ, the hash that most copies have counts.
    /// </summary>
    private static ImmutableArray<Replica> FromReports(CommitObservation seen)
    {
        var captures = seen.Live.SelectMany(host => host.Replicas)
            .Where(replica => replica.Snapshot.Iteration == seen.Committed)
            .GroupBy(replica => replica.Snapshot)
            .OrderByDescending(capture => capture.Key);
        foreach (var capture in captures)
        {
            var shards = capture.GroupBy(replica => replica.Owner)
                .OrderBy(copies => copies.Key)
                .Select(copies => copies.GroupBy(copy => copy).OrderByDescending(same => same.Count()).ThenBy(same => same.Key.Hash.Value).First().Key)
                .ToImmutableArray();
            if (shards.Length == seen.Job.WorldSize) return shards;
        }

        return [];
    }

    private static Dictionary<Replica, HashSet<HostName>> HoldersByReplica(CommitObservation seen)
    {
        var holders = new Dictionary<Replica, HashSet<HostName>>();
        void Add(Replica replica, HostName host)
        {
            if (!holders.TryGetValue(replica, out var known)) holders.Add(replica, known = []);
            known.Add(host);
        }

        foreach (var host in seen.Live)
        {
            foreach (var replica in host.Replicas) Add(replica, host.Host);
        }

        var live = seen.Live.Select(host => host.Host).ToHashSet();
        foreach (var entry in seen.Ledgers.OfType<GroupLedger>().Where(ledger => ledger.Epoch == seen.Epoch).SelectMany(ledger => ledger.Entries))
        {
            foreach (var position in entry.Holders)
            {
                if (seen.Assignment[position.Value] is { } host && live.Contains(host)) Add(entry.Replica, host);
            }
        }

        return holders;
    }

    private static ShardRecord ToShard(CommitObservation seen, Replica shard, HashSet<HostName> holders)
    {
        var owner = seen.Job.PositionOf(shard.Owner);
        var own = seen.Assignment.IsEmpty ? null : seen.Assignment[owner.Value];
        var copies = seen.Live.Where(host => holders.Contains(host.Host))
            .Select(host => new ShardCopy(host.Host, PositionOf(seen, host.Host), host.Domain, host.Host == own))
            .OrderByDescending(copy => copy.IsOwn).ThenBy(copy => copy.Host);
        var missing = seen.Plan.HoldersOf(owner)
            .Select(position => (Position: position, Host: seen.Assignment.IsEmpty ? null : seen.Assignment[position.Value]))
            .Where(expected => expected.Host is not { } host || !holders.Contains(host))
            .Select(expected => expected.Host?.Value ?? $"position {expected.Position}");
        return new ShardRecord(shard, [.. copies], [.. missing]);
    }

    private static HostPosition? PositionOf(CommitObservation seen, HostName host)
    {
        var index = seen.Assignment.IndexOf(host);
        return index < 0 ? null : new HostPosition(index);
    }
}
