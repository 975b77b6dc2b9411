using Gemini.Grains.Recovery;

namespace Gemini.Grains.Root;

/// <summary>
/// Writes one root agent's record, and tells whether it is still the root agent. The root agent is the one that wrote the record last. An older one
/// fails at its next write, or sees the other one's record when it reads. The loss of the record changes nothing about that: the root agent to which
/// callers are sent writes the record again.
/// </summary>
/// <remarks>One write at a time.</remarks>
/// <param name="store">Where the record is kept.</param>
/// <param name="isReplaced">Whether callers are sent to another root agent. Throws if that cannot be found out now.</param>
/// <param name="lost">Called when the store has lost the record, before it is written again.</param>
internal sealed class RecordKeeper(IRecordStore store, Func<Task<bool>> isReplaced, Action lost)
{
    /// <summary>The newest record that this root agent has written, or the one that it found when it started.</summary>
    public RootRecord Record { get; private set; } = new();

    /// <summary>The record's etag, as of the last read or write.</summary>
    public string? Etag { get; private set; }

    /// <summary>Another root agent has written the record. This one writes nothing any more.</summary>
    public bool IsOvertaken { get; private set; }

    /// <summary>Reads what an earlier root agent left.</summary>
    public async Task<RootRecord> ReadAsync()
    {
        var found = await store.ReadAsync();
        (Record, Etag) = (found.Record ?? new RootRecord(), found.Etag);
        return Record;
    }

    /// <summary>
    /// Writes the first record of this root agent. An older one that still runs fails at its next write. Returns false if another one has written the
    /// record since this one read it.
    /// </summary>
    public Task<bool> TryBeginAsync(RootRecord record) => TryWriteAsync(record, Etag);

    /// <summary>
    /// Writes a decision. Throws if the store does not answer, or if it has lost the record and it cannot be found out which root agent callers are sent to.
    /// </summary>
    /// <returns>False: another root agent has decided something since.</returns>
    public async Task<bool> TryWriteAsync(RootRecord record)
    {
        if (IsOvertaken) return false;
        // A decision may come before the loss is noticed, for example if it waited for the store to answer again.
        return await TryWriteAsync(record, Etag) || await TryWriteOverLossAsync(record);
    }

    /// <summary>Writes the newest record again if the store has lost it. Throws as <see cref="TryWriteAsync(RootRecord)"/> does.</summary>
    /// <returns>False: another root agent has decided something since.</returns>
    public async Task<bool> TryWriteAgainAsync() => !IsOvertaken && await TryWriteOverLossAsync(Record);

    private async Task<bool> TryWriteOverLossAsync(RootRecord record)
    {
        var found = await store.ReadAsync();
        // If two root agents live, one may have written the record, and the store may have lost it again, before the other noticed. Then no record
        // tells them apart, but the directory does.
        if (IsLost(found) && !await isReplaced())
        {
            lost();
            if (await TryWriteAsync(record, found.Etag)) return true;
        }

        IsOvertaken = true;
        return false;
    }

    /// <summary>
    /// Whether the store has lost the record: it has none, or one of an earlier epoch. Such a record is from a root agent that started after the loss
    /// and knew nothing. A root agent that takes over reads the record first, and its epochs only grow.
    /// </summary>
    private bool IsLost(StoredRecord found) => found.Record is not { } record || record.Epoch < Record.Epoch;

    private async Task<bool> TryWriteAsync(RootRecord record, string? etag)
    {
        if (await store.TryWriteAsync(record, etag) is not { } written) return false;
        (Record, Etag) = (record, written);
        return true;
    }
}
