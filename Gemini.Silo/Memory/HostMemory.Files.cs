using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Memory;

// Segment files that somebody deleted. The bytes exist as long as they are mapped; here they get a new file before the mappings end.
internal sealed partial class HostMemory
{
    private string? _warning;

    /// <summary>What endangers the copies in this memory, and what a person can do about it; null if nothing does.</summary>
    public string? Warning => Volatile.Read(ref _warning);

    /// <summary>
    /// Checks whether every slot still has its file, and makes a file again if only the silo writes to it. Slots of own shards are left alone: their
    /// trainer has the old file mapped and writes to it at any time. <see cref="EnsureShard"/> makes those files again while the trainer is stopped.
    /// Set-aside copies that somebody deleted are dropped from the report. Call this periodically. It takes long if files are lost.
    /// </summary>
    /// <returns>Whether slots of own shards have lost their files and there is room to make them again.</returns>
    public bool RestoreFiles()
    {
        lock (_files)
        {
            _paths.EnsureDirectory();
            ForgetDeletedLeftovers();
            var lost = LostFiles();
            foreach (var (_, slot) in lost) NoteLostFile(slot);
            foreach (var (shard, slot) in lost.Where(entry => IsRestorableNow(entry.Shard, entry.Slot))) TryRestoreFile(shard.Owner, slot);
            var own = lost.Where(entry => entry.Shard.Role == ShardRole.Own).Sum(entry => entry.Slot.Segment.FileBytes);
            return own > 0 && Refusal(own) is null;
        }
    }

    private List<(ResidentShard Shard, Slot Slot)> LostFiles()
    {
        List<(ResidentShard Shard, Slot Slot)> slots;
        lock (_gate) slots = [.. _shards.Values.SelectMany(shard => shard.Slots.Select(slot => (shard, slot)))];
        // Nobody makes, deletes or unmaps a file meanwhile, because this method holds the lock of the files.
        return [.. slots.Where(entry => !entry.Slot.Segment.HasName)];
    }

    /// <summary>If a receive writes the slot, the file is made again after that receive.</summary>
    private static bool IsRestorableNow(ResidentShard shard, Slot slot) =>
        shard.Role is ShardRole.Held or ShardRole.Guest && slot.Receiver is null;

    private void NoteLostFile(Slot slot)
    {
        if (slot.IsFileLost) return;
        slot.IsFileLost = true;
        LogFileLost(slot.Segment.Path);
        Warn("Somebody deleted segment files of this host while they were in use. The silo still has the copies, and writes them to new files.");
    }

    private void TryRestoreFile(Rank owner, Slot slot)
    {
        try
        {
            if (Refusal(slot.Segment.FileBytes) is { } refusal) throw new HostMemoryException(refusal);
            RestoreFile(owner, slot);
        }
        catch (HostMemoryException error)
        {
            Warn($"Somebody deleted segment files of this host, and they cannot be made again: {error.Message}");
        }
    }

    /// <summary>Null if a file of this size fits beside those that exist; otherwise the reason.</summary>
    private string? Refusal(long bytes) =>
        MemoryBudget.Refuse(MemoryBytes + bytes, MemoryBytes, MachineMemory.BoundsOf(_paths.Directory), limitBytes: null);

    /// <summary>
    /// Copies the slot's bytes into a new file with the old name, and puts a slot with that file in the old slot's place. Holds a lease meanwhile, so
    /// that no receive takes the slot. A process that has the old file mapped continues to read from it.
    /// </summary>
    /// <returns>The slot with the new file. The old one is unmapped as soon as nobody reads from it.</returns>
    /// <exception cref="HostMemoryException">No room; the slot stays as it is.</exception>
    private Slot RestoreFile(Rank owner, Slot lost)
    {
        _paths.EnsureDirectory();
        Slot restored;
        SegmentLease? lease;
        lock (_gate) lease = lost.Receiver is null ? NewLease(lost, LeaseKind.Read, lost.Segment.Snapshot) : null;
        using (lease)
        {
            var (state, snapshot) = (lost.Segment.State, lost.Segment.Snapshot);
            restored = new Slot(lost.Index, SegmentFiles.Duplicate(lost.Segment, lost.Segment.Path));
            List<ReceiveLease> overtaken = [];
            lock (_gate)
            {
                // The copy was quarantined meanwhile, or a receive that had been overtaken was still writing to it.
                if (lease is null || lost.Segment.State != state || lost.Segment.Snapshot != snapshot) restored.Segment.Free();
                _shards[owner][lost.Index] = restored;
                Retire(lost, overtaken);
            }

            overtaken.ForEach(receiver => receiver.Revoke());
        }

        LogFileRestored(restored.Segment.Path);
        return restored;
    }

    private void Warn(string warning)
    {
        const string causes = "systemd-logind deletes the files of a user who has logged out: run 'loginctl enable-linger USER', "
            + "run hosts as a system user, or set RemoveIPC=no in logind.conf.";
        var text = $"{warning} {causes}";
        if (Interlocked.Exchange(ref _warning, text) != text) LogWarned(text);
    }
}
