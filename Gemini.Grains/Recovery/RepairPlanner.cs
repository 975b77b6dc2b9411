using System.Collections.Immutable;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;
using Guests = System.Collections.Immutable.ImmutableSortedDictionary<
    Gemini.Interfaces.Model.HostName, System.Collections.Immutable.ImmutableArray<Gemini.Interfaces.Model.GuestCopy>>;

namespace Gemini.Grains.Recovery;

/// <summary>
/// While the job waits for a machine, decides which hosts take in guests in place of the lost copies. So the job can stand the next loss as well as
/// this one. Pure.
/// </summary>
/// <remarks>
/// Every shard of the newest snapshot that is whole in memory gets m copies, or one copy on every live halted host if fewer than m such hosts exist.
/// A guest goes to a host that has no copy of the shard. An earlier decision stands while it is possible, so that no running fetch is thrown away for
/// a better place. Otherwise the choice prefers, in this order: the host that shares a failure domain with the fewest other copies; the rank's own
/// host, because it will load the shard; the host with the fewest guests to take in; the smallest name.
/// </remarks>
public static class RepairPlanner
{
    /// <summary>
    /// Whether repair should wait. After the restart of a whole job the hosts come up one after the other, each with its memory, so the job gives
    /// them time. If a host was lost from a running job, or was lost after it had reported, repair begins at once.
    /// </summary>
    /// <param name="isRestart">When the root agent came up, the silo of every present host with a position was new.</param>
    /// <param name="isEveryHostHeardOf">Every host with a position has reported since then.</param>
    /// <param name="sinceStart">How long the root agent has been up.</param>
    /// <param name="grace">See <see cref="Health.HealthOptions.RestartGrace"/>.</param>
    public static bool IsTooEarly(bool isRestart, bool isEveryHostHeardOf, TimeSpan sinceStart, TimeSpan grace) =>
        isRestart && !isEveryHostHeardOf && sinceStart < grace;

    /// <param name="job">The job.</param>
    /// <param name="assignment">The host at each position; null if it is vacant.</param>
    /// <param name="inventories">The sealed copies of every present host that halted.</param>
    /// <param name="refused">The shards that a host could not take in, by host and owner.</param>
    /// <param name="current">The last decision.</param>
    /// <param name="sharesDomain">Whether two hosts may fail together; null: no two hosts do.</param>
    /// <returns>The guests that each host takes in. The reason is empty if there is nothing to do.</returns>
    public static (Guests Guests, string Reason) Plan(
        JobSpec job, ImmutableArray<HostName?> assignment, IReadOnlyDictionary<HostName, ImmutableArray<Replica>> inventories,
        IReadOnlySet<(HostName Host, Rank Owner)> refused, Guests current, Func<HostName, HostName, bool>? sharesDomain = null)
    {
        var memory = RecoveryPlanner.Plan(job, [.. assignment.Select(host => host ?? default)], inventories, Iteration.Zero).Plan;
        Invariant.Check(memory is not null, "there is no plan although none of the job's snapshots counts as committed");
        var wanted = Math.Min(job.Replicas, inventories.Count);
        var shards = memory.Shards.Where(shard => shard.Sources.Length < wanted).OrderBy(shard => shard.Sources.Length).ThenBy(shard => shard.Replica.Owner);
        var round = new Round(job, assignment, inventories, refused, current, sharesDomain);
        var homeless = shards.Where(shard => !round.Place(shard, wanted)).Select(shard => shard.Replica.Owner).ToList();
        return (round.Guests, Describe(round.Guests, homeless));
    }

    private static string Describe(Guests guests, List<Rank> homeless)
    {
        var ranks = guests.Values.SelectMany(copies => copies).Select(copy => copy.Replica.Owner).Distinct().Order();
        var made = guests.IsEmpty ? "" : $"meanwhile {string.Join(", ", guests.Keys)} fetch copies of rank {string.Join(", ", ranks)}";
        var missing = homeless.Count == 0 ? "" : $"no other live host can take a copy of rank {string.Join(", ", homeless.Order())}";
        return string.Join("; ", new[] { made, missing }.Where(part => part.Length > 0));
    }

    /// <summary>One decision while it is made: the guests of each host so far, and how many copies each source delivers.</summary>
    private sealed class Round(
        JobSpec job, ImmutableArray<HostName?> assignment, IReadOnlyDictionary<HostName, ImmutableArray<Replica>> inventories,
        IReadOnlySet<(HostName Host, Rank Owner)> refused, Guests current, Func<HostName, HostName, bool>? sharesDomain)
    {
        private readonly Dictionary<HostName, List<GuestCopy>> _guests = [];
        private readonly Dictionary<HostName, int> _given = [];

        public Guests Guests => _guests.ToImmutableSortedDictionary(
            host => host.Key, host => host.Value.OrderBy(copy => copy.Replica.Owner).ToImmutableArray());

        /// <summary>Returns false if no host can take a copy that the shard still lacks.</summary>
        public bool Place(ShardRecovery shard, int wanted)
        {
            var holders = shard.Sources.ToList();
            while (holders.Count < wanted)
            {
                var best = inventories.Keys
                    .Where(host => !holders.Contains(host) && CanTake(host, shard.Replica))
                    .OrderByDescending(host => IsDecided(host, shard.Replica))
                    .ThenBy(host => sharesDomain is null ? 0 : holders.Count(holder => sharesDomain(host, holder)))
                    .ThenByDescending(host => assignment[job.PositionOf(shard.Replica.Owner).Value] == host)
                    .ThenBy(host => _guests.TryGetValue(host, out var taken) ? taken.Count : 0)
                    .ThenBy(host => host)
                    .Select(host => (HostName?)host)
                    .FirstOrDefault();
                if (best is not { } guest) return false;
                Add(guest, shard);
                holders.Add(guest);
            }

            return true;
        }

        private bool CanTake(HostName host, Replica replica) =>
            !refused.Contains((host, replica.Owner))
            && !inventories[host].Any(held => held.Owner == replica.Owner && held.Snapshot == replica.Snapshot);

        private bool IsDecided(HostName host, Replica replica) =>
            current.TryGetValue(host, out var copies) && copies.Any(copy => copy.Replica == replica);

        private void Add(HostName guest, ShardRecovery shard)
        {
            Invariant.Check(!shard.Sources.Contains(guest), $"host {guest} is to take in rank {shard.Replica.Owner}, and holds it");
            var sources = shard.Sources.OrderBy(source => _given.GetValueOrDefault(source)).ToImmutableArray();
            _given[sources[0]] = _given.GetValueOrDefault(sources[0]) + 1;
            if (!_guests.TryGetValue(guest, out var copies)) _guests.Add(guest, copies = []);
            copies.Add(new GuestCopy(shard.Replica, sources));
        }
    }
}
