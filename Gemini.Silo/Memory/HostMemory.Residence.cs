using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Memory;

// Which shards are resident: files are found, made and deleted here.
internal sealed partial class HostMemory
{
    /// <summary>
    /// Takes over what an earlier silo of this host left: every valid segment of this job is mapped, in whatever state it is.
    /// No state changes, because a trainer that outlived the silo may be writing. Segments that are damaged, of another job
    /// or of another layout are deleted. The fence rises to the newest epoch found: the job has been there.
    /// </summary>
    public void Adopt()
    {
        lock (_files)
        {
            foreach (var path in Directory.EnumerateFiles(_paths.Directory).Order(StringComparer.Ordinal))
            {
                if (path.EndsWith(SegmentFiles.UnfinishedSuffix, StringComparison.Ordinal)) File.Delete(path);
                else if (SegmentFiles.TryParseName(path, out var owner, out var slot)) AdoptFile(path, owner, slot);
            }
        }
    }

    /// <summary>
    /// Makes a shard resident: two slots of this size, all their pages there. Idempotent; a slot of the right size keeps what
    /// it holds, and gets a new file if somebody deleted its own. A slot of another size is replaced by a new file, so that
    /// whoever has the old one mapped is not harmed. Only while no trainer writes the shard's slots, except in a silo that takes
    /// over a running epoch: then the files are there.
    /// </summary>
    /// <exception cref="HostMemoryException">No room; slots made so far stay, and so do copies that have no file.</exception>
    public void EnsureShard(Rank owner, long payloadBytes, ShardRole role = ShardRole.Held)
    {
        lock (_files)
        {
            for (var index = 0; index < HostPaths.SlotCount; index++) EnsureSlot(owner, index, payloadBytes);
            lock (_gate) _shards[owner].Role = role;
        }

        LogResident(owner, role, payloadBytes);
    }

    /// <summary>Unmaps and deletes the segments of all other shards but guests, which others may still need.</summary>
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
        catch (Exception error) when (error is InvalidDataException or OverflowException or UntrustedFileException)
        {
            File.Delete(path);
            LogDeleted(path, error.Message);
            return;
        }

        if (segment.JobName != _job || segment.Owner != owner || !segment.Snapshot.Epoch.IsPossible)
        {
            LogDeleted(path, $"it is shard {segment.Owner} of job '{segment.JobName}', snapshot {segment.Snapshot}.");
            segment.Dispose();
            File.Delete(path);
            return;
        }

        LogAdopted(path, segment.State, segment.Snapshot);
        if (segment.State == SegmentState.Sealed) RaiseFence(segment.Snapshot.Epoch);
        Install(owner, new Slot(index, segment));
    }

    private void EnsureSlot(Rank owner, int index, long payloadBytes)
    {
        Slot? existing;
        lock (_gate) existing = _shards.GetValueOrDefault(owner)?[index];
        var path = _paths.Segment(owner, index);
        if (existing is not null && existing.HasSize(payloadBytes, _options.ChunkBytes) && IsUsable(owner, existing)) return;
        _paths.EnsureDirectory();
        if (existing is not null) Retire(owner, index, path);
        Install(owner, new Slot(index, SegmentFiles.Create(path, _job, owner, payloadBytes, _options.ChunkBytes)));
    }

    /// <summary>Makes the slot of the right size usable, if that can be done; its copy is given up if not.</summary>
    private bool IsUsable(Rank owner, Slot slot)
    {
        if (!slot.Segment.HasName)
        {
            NoteLostFile(slot);
            RestoreFile(owner, slot);
            return true;
        }

        if (!IsAdopted(owner)) return true;
        SegmentFiles.Reserve(slot.Segment.Path);
        if (SegmentFiles.FaultIn(slot.Segment) is not { } problem) return true;
        Quarantine(owner, slot.Segment.Snapshot, problem);
        return false;
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

    /// <summary>A dead host's folder may be gone already; <see cref="File.Delete"/> minds that.</summary>
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
