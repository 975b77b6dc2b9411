using Gemini.Grains.Hosts;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Memory;

// Which shards are resident. This part finds, makes and deletes their files.
internal sealed partial class HostMemory
{
    /// <summary>
    /// Takes over the files of an earlier silo of this host: every valid segment of this job is mapped, in whatever state it is. No state changes,
    /// because a trainer that outlived the silo may be writing. Sealed segments of another job, and all segments of another layout version, are set
    /// aside. Other files that cannot be used are deleted. Copies of another run stay until <see cref="Join"/>.
    /// </summary>
    public void Adopt()
    {
        lock (_files)
        {
            foreach (var path in Directory.EnumerateFiles(_paths.Directory).Order(StringComparer.Ordinal))
            {
                if (path.EndsWith(SegmentFiles.UnfinishedSuffix, StringComparison.Ordinal)) File.Delete(path);
                else if (path.EndsWith(SegmentFiles.AsideSuffix, StringComparison.Ordinal)) NoteLeftover(path);
                else if (SegmentFiles.TryParseName(path, out var owner, out var slot)) AdoptFile(path, owner, slot);
            }
        }
    }

    /// <summary>
    /// Makes a shard resident: two slots of this size with all their pages. Idempotent. A slot of the right size keeps its content, and gets a new
    /// file if somebody deleted its own. A slot of another size is replaced by a new file, so that processes that have the old one mapped are not
    /// harmed. Call only while no trainer writes the shard's slots. The exception is a silo that takes over a running epoch: then the files exist
    /// already.
    /// </summary>
    /// <exception cref="HostMemoryException">No room. Slots that were made stay, and so do copies that have no file.</exception>
    public void EnsureShard(Rank owner, long payloadBytes, ShardRole role = ShardRole.Held)
    {
        lock (_files)
        {
            for (var index = 0; index < HostPaths.SlotCount; index++) EnsureSlot(owner, index, payloadBytes);
            lock (_gate) _shards[owner].Role = role;
        }

        LogResident(owner, role, payloadBytes);
    }

    /// <summary>Unmaps and deletes the segments of all other shards, except guests: other hosts may still need those.</summary>
    public void ReleaseExcept(IReadOnlySet<Rank> owners)
    {
        lock (_files) Remove(shard => !owners.Contains(shard.Owner) && shard.Role != ShardRole.Guest, deleteFiles: true);
    }

    private void AdoptFile(string path, Rank owner, int index)
    {
        lock (_gate)
        {
            if (_shards.TryGetValue(owner, out var known) && known[index] is not null) return;
        }

        MappedSegment segment;
        try
        {
            segment = MappedSegment.Open(path);
        }
        catch (LayoutVersionException error)
        {
            SetAside(path, error.Message);
            return;
        }
        catch (Exception error) when (error is InvalidDataException or UntrustedFileException)
        {
            File.Delete(path);
            LogDeleted(path, error.Message);
            return;
        }

        var slot = new Slot(index, segment);
        if (slot.Damage() is { } damage)
        {
            lock (_gate) Remember(new Damage(owner, segment.Snapshot, damage));
            Tell(new Damage(owner, segment.Snapshot, damage));
            Drop(path, segment, damage);
        }
        else if (!segment.Snapshot.Epoch.IsPossible)
        {
            Drop(path, segment, $"its snapshot {segment.Snapshot} is impossible.");
        }
        else if (segment.JobName == _job && segment.Owner == owner)
        {
            LogAdopted(path, segment.State, segment.Snapshot);
            Install(owner, slot);
        }
        else
        {
            var reason = $"it is shard {segment.Owner} of job '{segment.JobName}'";
            if (segment.State == SegmentState.Sealed) SetAside(path, reason);
            Drop(path, segment, reason);
        }
    }

    /// <summary>Unmaps a segment that cannot be used. Deletes its file, unless the file was set aside.</summary>
    private void Drop(string path, MappedSegment segment, string reason)
    {
        segment.Dispose();
        if (!File.Exists(path)) return;
        File.Delete(path);
        LogDeleted(path, reason);
    }

    private void EnsureSlot(Rank owner, int index, long payloadBytes)
    {
        Slot? existing;
        lock (_gate) existing = _shards.GetValueOrDefault(owner)?[index];
        var path = _paths.Segment(owner, index);
        if (existing is not null && existing.HasSize(payloadBytes, ChunkBytes) && MakeUsable(owner, existing) is { } usable)
        {
            if (usable.Segment.State == SegmentState.Free) usable.Segment.RestoreFixedFields();
            return;
        }

        _paths.EnsureDirectory();
        if (existing is not null) Retire(owner, index, path);
        var identity = new SegmentIdentity(_job, owner, Run);
        Install(owner, new Slot(index, SegmentFiles.Create(path, identity, payloadBytes, ChunkBytes)));
    }

    /// <summary>
    /// Makes a slot of the right size usable, and returns the slot that is in its place afterwards. If its file was lost, that is a new slot with a
    /// new file, and the old slot is unmapped. Null if the slot cannot be used; its copy is quarantined.
    /// </summary>
    private Slot? MakeUsable(Rank owner, Slot slot)
    {
        if (!slot.Segment.HasName)
        {
            NoteLostFile(slot);
            return RestoreFile(owner, slot);
        }

        if (!IsAdopted(owner)) return slot;
        SegmentFiles.Reserve(slot.Segment.Path);
        if (slot.Segment.FaultIn() is not { } problem) return slot;
        Quarantine(owner, slot.Segment.Snapshot, problem);
        return null;
    }

    private bool IsAdopted(Rank owner)
    {
        lock (_gate) return _shards[owner].Role == ShardRole.Adopted;
    }

    private void Install(Rank owner, Slot slot)
    {
        lock (_gate)
        {
            if (!_shards.TryGetValue(owner, out var shard)) _shards.Add(owner, shard = new ResidentShard(owner));
            shard[slot.Index] = slot;
        }
    }

    private void Retire(Rank owner, int index, string path)
    {
        List<ReceiveLease> overtaken = [];
        lock (_gate)
        {
            var shard = _shards[owner];
            Retire(shard[index]!, overtaken);
            shard[index] = null;
        }

        overtaken.ForEach(receiver => receiver.Revoke());
        File.Delete(path);
    }

    private void Remove(Func<ResidentShard, bool> isUnwanted, bool deleteFiles)
    {
        List<ReceiveLease> overtaken = [];
        List<ResidentShard> removed;
        lock (_gate)
        {
            removed = [.. _shards.Values.Where(isUnwanted)];
            foreach (var shard in removed)
            {
                foreach (var slot in shard.Slots) Retire(slot, overtaken);
                _shards.Remove(shard.Owner);
            }
        }

        overtaken.ForEach(receiver => receiver.Revoke());
        if (!deleteFiles) return;
        foreach (var owner in removed.Select(shard => shard.Owner))
        {
            for (var index = 0; index < HostPaths.SlotCount; index++) DeleteIfThere(_paths.Segment(owner, index));
            LogReleased(owner);
        }
    }

    /// <summary>The folder may be gone already, and then <see cref="File.Delete"/> would throw.</summary>
    private static void DeleteIfThere(string path)
    {
        if (File.Exists(path)) File.Delete(path);
    }

    private static void Retire(Slot slot, List<ReceiveLease> overtaken)
    {
        slot.Retired = true;
        if (slot.Receiver is { } receiver) Overtake(receiver, overtaken);
        slot.UnmapIfUnused();
    }
}
