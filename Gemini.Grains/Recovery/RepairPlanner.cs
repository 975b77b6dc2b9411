using System.Collections.Immutable;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;
using Guests = System.Collections.Immutable.ImmutableSortedDictionary<
    Gemini.Interfaces.Model.HostName, System.Collections.Immutable.ImmutableArray<Gemini.Interfaces.Model.GuestCopy>>;

namespace Gemini.Grains.Recovery;

/// <summary>
/// Decides, while the job waits for a machine, which live hosts take in copies that the loss has cost, so that the next loss
/// finds as many as this one did. Pure.
/// </summary>
/// <remarks>
/// Every shard of the newest snapshot that is whole in memory is brought to m copies, or to one on every live host when those
/// are fewer. A copy goes to a host that has none of it; rather where no other copy stands in the same failure domain, then to
/// the rank's own host, which will load it, then to the host with the least to take in. What was decided before stays decided
/// while it is possible, so that no running fetch is thrown away for a better place.
/// </remarks>
public static class RepairPlanner
{
    /// <summary>
    /// Whether copies should wait. After the restart of a whole job the hosts come up one after the other, each with its memory: they are
    /// given a moment to do so. A host that is lost from a running job, or that reported and is lost since, is repaired at once.
    /// </summary>
    /// <param name="isRestart">No host ran the recorded epoch when the root agent came up.</param>
    /// <param name="isEveryHostHeardOf">Every recorded host has reported since.</param>
    /// <param name="sinceStart">How long the root agent has been up.</param>
    /// <param name="grace">See <see cref="Health.HealthOptions.RestartGrace"/>.</param>
    public static bool IsTooEarly(bool isRestart, bool isEveryHostHeardOf, TimeSpan sinceStart, TimeSpan grace) =>
        isRestart && !isEveryHostHeardOf && sinceStart < grace;

    /// <param name="job">The job.</param>
    /// <param name="assignment">The host at each position; null where it is vacant.</param>
    /// <param name="inventories">What every live halted host holds sealed.</param>
    /// <param name="refused">Hosts that could not take in a shard.</param>
    /// <param name="current">What was decided last.</param>
    /// <param name="sharesDomain">Whether two hosts may be lost together; null: no two are.</param>
    /// <returns>The copies to be taken in by each host; the reason is empty when there is nothing to do.</returns>
    public static (Guests Guests, string Reason) Plan(
        JobSpec job, ImmutableArray<HostName?> assignment, IReadOnlyDictionary<HostName, ImmutableArray<Replica>> inventories,
        IReadOnlySet<(HostName Host, Rank Owner)> refused, Guests current, Func<HostName, HostName, bool>? sharesDomain = null)
    {
        var memory = RecoveryPlanner.Plan(job, [.. assignment.Select(host => host ?? default)], inventories, Iteration.Zero).Plan;
        Invariant.Check(memory is not null, "a job of which nothing is committed has no plan");
        var wanted = Math.Min(job.Replicas, inventories.Count);
        var shards = memory.Shards.Where(shard => shard.Sources.Length < wanted).OrderBy(shard => shard.Sources.Length).ThenBy(shard => shard.Replica.Owner);
        var round = new Round(job, assignment, inventories, refused, current, sharesDomain);
        var homeless = shards.Where(shard => !round.Place(shard, wanted)).Select(shard => shard.Replica.Owner).ToList();
        return (round.Guests, Describe(round.Guests, homeless));
    }

    private static string Describe(Guests guests, List<Rank> homeless)
    {
        var ranks = guests.Values.SelectMany(copies => copies).Select(copy => copy.Replica.Owner).Distinct().Order();
        var made = guests.IsEmpty ? "" : $"meanwhile copies of rank {string.Join(", ", ranks)} are made on {string.Join(", ", guests.Keys)}";
        var missing = homeless.Count == 0 ? "" : $"no other live host can take a copy of rank {string.Join(", ", homeless.Order())}";
        return string.Join("; ", new[] { made, missing }.Where(part => part.Length > 0));
    }

    /// <summary>One decision in the making: how much each host has to take in and to give.</summary>
    private sealed class Round(
        JobSpec job, ImmutableArray<HostName?> assignment, IReadOnlyDictionary<HostName, ImmutableArray<Replica>> inventories,
        IReadOnlySet<(HostName Host, Rank Owner)> refused, Guests current, Func<HostName, HostName, bool>? sharesDomain)
    {
        private readonly Dictionary<HostName, List<GuestCopy>> _guests = [];
        private readonly Dictionary<HostName, int> _given = [];

        public Guests Guests => _guests.ToImmutableSortedDictionary(
            host => host.Key, host => host.Value.OrderBy(copy => copy.Replica.Owner).ToImmutableArray());

        /// <summary>Returns false when no host is left for the copies that the shard lacks.</summary>
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
