using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Memory;

// Segment files that somebody deleted: the bytes last as long as their mappings, and get a new file before those end.
internal sealed partial class HostMemory
{
    private string? _warning;

    /// <summary>What endangers the copies here and who can help; null when nothing does. For people.</summary>
    public string? Warning => Volatile.Read(ref _warning);

    /// <summary>
    /// Looks whether every slot still has its file, and makes the files again that only the silo writes to. Copies of other runs that somebody
    /// has deleted are reported no longer. Slots of own shards
    /// are left: their trainer has the old file mapped and writes to it whenever it wants. <see cref="EnsureShard"/> makes those
    /// again, while the trainer is stopped. To be called now and then. Takes long if files are gone.
    /// </summary>
    /// <returns>Whether own slots lack their files, and there is room to make them again.</returns>
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
        // Under the lock of the files, nobody here makes, deletes or unmaps one meanwhile.
        return [.. slots.Where(entry => !entry.Slot.Segment.HasName)];
    }

    /// <summary>A slot that is received into gets its file when the receive has ended.</summary>
    private static bool IsRestorableNow(ResidentShard shard, Slot slot) =>
        shard.Role is ShardRole.Held or ShardRole.Guest && slot.Receiver is null;

    private void NoteLostFile(Slot slot)
    {
        if (slot.IsFileLost) return;
        slot.IsFileLost = true;
        LogFileLost(slot.Segment.Path);
        Warn("Somebody deleted segment files of this host while they were in use. The copies in them were kept, and get new files.");
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

    /// <summary>Null when a file of this size can be made beside those that exist.</summary>
    private string? Refusal(long bytes) =>
        MemoryBudget.Refuse(MemoryBytes + bytes, MemoryBytes, MachineMemory.BoundsOf(_paths.Directory), limitBytes: null);

    /// <summary>
    /// Copies the slot's bytes into a new file under the old name, and puts that in the slot's place. The lease keeps receives
    /// away meanwhile. Whoever still has the old file mapped keeps reading from it.
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
                // It was given up meanwhile, or a receive that has been overtaken was still writing to it.
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
