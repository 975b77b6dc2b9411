using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>The last source: decides which snapshot in storage to resume from if host memory has none that is whole and new enough. Pure.</summary>
/// <remarks>
/// GEMINI (SOSP'23) §6.2, case 2: all ranks load the persistent snapshot. Survivors load it too, because their memory holds another iteration. A
/// snapshot counts only if every host of the job sees it complete and with the same shards. A host that found a bad file leaves the snapshot out of
/// its report. A host whose store is another directory cannot agree with the others.
/// </remarks>
public static class StoragePlanner
{
    /// <param name="job">The job.</param>
    /// <param name="hosts">The report of the host at each position.</param>
    /// <param name="epoch">The epoch that begins. If a host has not looked into storage in this epoch, its report about storage is too old.</param>
    public static StoragePlan Plan(JobSpec job, ImmutableArray<HostReport> hosts, Epoch epoch)
    {
        var late = hosts.Where(host => host.Store is null || host.Store.LookedIn < epoch).Select(host => host.Host).ToList();
        if (late.Count > 0) return new StoragePlan(StorageFinding.Waiting, $"waiting for {string.Join(", ", late)} to look into persistent storage");
        var others = hosts.Skip(1).Select(host => host.Store!.Complete).ToList();
        foreach (var stored in hosts[0].Store!.Complete.OrderByDescending(stored => stored.Snapshot))
        {
            if (!HasEveryRank(stored, job) || !others.All(seen => seen.Any(other => AreEqual(stored, other)))) continue;
            var shards = stored.Shards.OrderBy(shard => shard.Owner).Select(shard =>
                new ShardRecovery(new Replica(shard.Owner, stored.Snapshot, shard.Hash, shard.PayloadBytes), []));
            var plan = new RecoveryPlan(stored.Snapshot, [.. shards], CopySource.Storage);
            return new StoragePlan(
                StorageFinding.Found, $"resuming from snapshot {stored.Snapshot} in persistent storage", plan);
        }

        return Nothing(hosts);
    }

    /// <summary>The newest epoch of any snapshot that a host sees in storage.</summary>
    public static Epoch NewestEpoch(HostReport host) =>
        host.Store is { Complete.IsEmpty: false } store ? store.Complete.Max(stored => stored.Snapshot.Epoch) : default;

    /// <summary>
    /// Checks that the manifest names every rank exactly once. If it named one rank twice, another rank would load that rank's shard.
    /// </summary>
    private static bool HasEveryRank(StoredSnapshot stored, JobSpec job) =>
        stored.Shards.Select(shard => shard.Owner.Value).Order().SequenceEqual(Enumerable.Range(0, job.WorldSize));

    private static bool AreEqual(StoredSnapshot one, StoredSnapshot other) => one.Snapshot == other.Snapshot && one.Shards.SequenceEqual(other.Shards);

    private static StoragePlan Nothing(ImmutableArray<HostReport> hosts)
    {
        var seen = hosts.SelectMany(host => host.Store!.Complete).Select(stored => stored.Snapshot).Distinct().OrderDescending().ToList();
        var problems = hosts.Where(host => host.Store!.Problem is not null)
            .GroupBy(host => host.Store!.Problem, (problem, group) => $"{string.Join(", ", group.Select(host => host.Host))}: {problem}").ToList();
        if (seen.Count == 0 && problems.Count == 0) return new StoragePlan(StorageFinding.Empty, "persistent storage has no snapshot");
        var what = seen.Count == 0
            ? "persistent storage has no complete snapshot"
            : $"persistent storage has no snapshot that all hosts see in the same way; only some hosts see {string.Join(", ", seen)}; "
                + "storage.directory must be the same directory on all hosts";
        return new StoragePlan(StorageFinding.Unusable, problems.Count == 0 ? what : $"{what} ({string.Join("; ", problems)})");
    }
}
