using Gemini.Grains.Recovery;

namespace Gemini.Grains.Root;

/// <summary>
/// Stores the root agent's record. Every write changes the record's etag, and a write succeeds only with the etag of the stored record. So if two
/// root agents have read the same record, only one of them can write it, and the other learns that it was overtaken.
/// </summary>
/// <remarks>
/// If a call throws, its outcome is unknown: the write may have been made. Then the next write with the old etag is refused.
/// </remarks>
internal interface IRecordStore
{
    /// <summary>Reads the stored record.</summary>
    Task<StoredRecord> ReadAsync();

    /// <summary>Writes the record in place of the one with this etag.</summary>
    /// <param name="record">The new record.</param>
    /// <param name="etag">The etag of the last read or write; null if there was no record.</param>
    /// <returns>The record's new etag. Null: the store has a record with another etag, and nothing was written.</returns>
    Task<string?> TryWriteAsync(RootRecord record, string? etag);
}
