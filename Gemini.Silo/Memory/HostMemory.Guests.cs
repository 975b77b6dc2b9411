using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Memory;

// Copies that the placement does not ask of this host.
internal sealed partial class HostMemory
{
    public bool HasGuests
    {
        get
        {
            lock (_gate) return _shards.Values.Any(shard => shard.Role == ShardRole.Guest);
        }
    }

    /// <summary>
    /// Makes one slot for a guest's shard. A shard that is resident already stays as it is. Never takes memory that the host's own position needs.
    /// Returns why there is no room, or null. Call only while no trainer writes.
    /// </summary>
    /// <param name="owner">The owner of the shard.</param>
    /// <param name="payloadBytes">The size of its payload.</param>
    /// <param name="ownNeedBytes">Bytes of all segments of the host's position, including those that exist already.</param>
    public string? TryEnsureGuest(Rank owner, long payloadBytes, long ownNeedBytes)
    {
        lock (_files)
        {
            ShardRole? role;
            long guestBytes, residentBytes;
            lock (_gate)
            {
                role = _shards.GetValueOrDefault(owner)?.Role;
                residentBytes = AllSlots().Sum(slot => slot.Segment.FileBytes);
                guestBytes = _shards.Values.Where(shard => shard.Role == ShardRole.Guest).SelectMany(shard => shard.Slots).Sum(slot => slot.Segment.FileBytes);
            }

            if (role is not (null or ShardRole.Adopted)) return null;
            var reservedBytes = Math.Max(0, ownNeedBytes - (residentBytes - guestBytes));
            var refusal = role is not null ? null : MemoryBudget.RefuseGuest(
                SegmentLayout.FileBytes(payloadBytes, ChunkBytes), reservedBytes, residentBytes,
                MemoryBudget.Tightest(MachineMemory.BoundsOf(_paths.Directory))!.FreeBytes, _options.LimitBytes);
            if (refusal is not null) return refusal;
            EnsureSlot(owner, 0, payloadBytes);
            lock (_gate) _shards[owner].Role = ShardRole.Guest;
        }

        LogResident(owner, ShardRole.Guest, payloadBytes);
        return null;
    }

    /// <summary>As <see cref="TryEnsureGuest"/>, on a thread of the pool, because making a file takes long.</summary>
    public Task<string?> EnsureGuestAsync(Rank owner, long payloadBytes, long ownNeedBytes, CancellationToken ct) => Task.Run(
        () =>
        {
            try
            {
                return TryEnsureGuest(owner, payloadBytes, ownNeedBytes);
            }
            catch (HostMemoryException error)
            {
                return error.Message;
            }
        },
        ct);

    /// <summary>Discards all guests. Call this when every shard has its copies at the hosts that the placement names.</summary>
    public void ReleaseGuests()
    {
        int count;
        lock (_gate) count = _shards.Values.Count(shard => shard.Role == ShardRole.Guest);
        if (count == 0) return;
        lock (_files) Remove(shard => shard.Role == ShardRole.Guest, deleteFiles: true);
        LogGuestsReleased(count);
    }
}
