using System.Collections.Immutable;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Grains.Recovery;

/// <summary>The host memory that a position needs, and the other copies that a host must keep while a recovery needs them. Pure.</summary>
/// <param name="job">The job.</param>
/// <param name="placement">Says which positions hold copies of which ranks.</param>
/// <param name="shardBytes">Payload size of each rank's shard; empty while the sizes are not known: then every size here is 0.</param>
internal sealed class PositionMemory(JobSpec job, PlacementPlan placement, ImmutableArray<long> shardBytes)
{
    /// <summary>
    /// Bytes of all segments of a position. In a job with storage, plus the staging buffers from which its own shards are persisted.
    /// </summary>
    public long BytesOf(HostPosition position)
    {
        if (shardBytes.IsEmpty) return 0;
        var staged = job.Storage is null ? 0 : job.RanksOf(position).Sum(rank => SlotBytes(rank));
        return staged + BytesOf(RanksAt(position));
    }

    /// <summary>Bytes of the payloads of a position's own shards.</summary>
    public long OwnBytesOf(HostPosition position) =>
        shardBytes.IsEmpty ? 0 : job.RanksOf(position).Sum(rank => shardBytes[rank.Value]);

    /// <summary>Bytes of the segments that a host holds for ranks that this position neither owns nor holds.</summary>
    public long OtherBytes(IEnumerable<Replica> held, HostPosition position) =>
        shardBytes.IsEmpty ? 0 : BytesOf(held.Select(replica => replica.Owner).Distinct().Except(RanksAt(position)));

    /// <summary>The ranks whose copies the plan may take from this host, without the ranks that its position owns or holds.</summary>
    public ImmutableArray<Rank> KeptBy(HostName host, HostPosition position, RecoveryPlan plan) => KeptBy(position, ServedBy(plan)[host]);

    /// <summary>The same, if the ranks whose copies the plan may take from the host are known.</summary>
    public ImmutableArray<Rank> KeptBy(HostPosition position, IEnumerable<Rank> served)
    {
        // Mostly a host serves only what its position owns or holds. This is read for every host, so that case allocates little.
        List<Rank>? kept = null;
        foreach (var rank in served)
        {
            if (!IsAt(position, job.PositionOf(rank)) && kept?.Contains(rank) != true) (kept ??= []).Add(rank);
        }

        kept?.Sort();
        return kept is null ? [] : [.. kept];
    }

    /// <summary>The ranks whose copies a plan may take from each host.</summary>
    public static ILookup<HostName, Rank> ServedBy(RecoveryPlan plan) => plan.Shards
        .SelectMany(shard => shard.Sources.Select(source => (Source: source, shard.Replica.Owner)))
        .ToLookup(copy => copy.Source, copy => copy.Owner);

    /// <summary>
    /// The plan without sources that have no room to keep their copies beside the segments of their new position. The only source of a shard stays.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="rooms">The present host at each position, and how many bytes it can hold; null if the host does not report this.</param>
    public RecoveryPlan Fit(
        RecoveryPlan plan, IEnumerable<(HostName Host, HostPosition Position, long? RoomBytes)> rooms)
    {
        // Each host occurs once, and this loop removes a host only from the sources of the shards that it serves. So the lookup stays valid.
        var served = ServedBy(plan);
        foreach (var (host, position, room) in rooms)
        {
            var kept = KeptBy(position, served[host]);
            if (kept.IsEmpty || room is not { } bytes || BytesOf(position) + BytesOf(kept) <= bytes) continue;
            plan = plan with
            {
                Shards = [.. plan.Shards.Select(shard => kept.Contains(shard.Replica.Owner) && shard.Sources.Length > 1
                    ? shard with { Sources = shard.Sources.Remove(host) }
                    : shard)],
            };
        }

        return plan;
    }

    /// <summary>Whether the position owns or holds the shards of this owner.</summary>
    private bool IsAt(HostPosition position, HostPosition owner) => position == owner || placement.HeldBy(position).Contains(owner);

    private IEnumerable<Rank> RanksAt(HostPosition position) =>
        placement.HeldBy(position).Prepend(position).SelectMany(job.RanksOf);

    private long BytesOf(IEnumerable<Rank> owners) =>
        owners.Where(IsKnown).Sum(rank => HostPaths.SlotCount * SlotBytes(rank));

    private long SlotBytes(Rank rank) =>
        SegmentLayout.FileBytes(shardBytes[rank.Value], SegmentLayout.DefaultChunkBytes);

    private bool IsKnown(Rank rank) => rank.Value < shardBytes.Length;
}
