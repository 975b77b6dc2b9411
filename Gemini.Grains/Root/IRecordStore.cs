using Gemini.Grains.Recovery;

namespace Gemini.Grains.Root;

/// <summary>
/// Where the root agent's record is kept. Every write changes its etag, and a write succeeds only with the etag of what is there. So of two
/// root agents that both read the record one writes it, and the other learns that it was overtaken.
/// </summary>
/// <remarks>
/// A call that throws has no known outcome: a write may have been made all the same. Then the next write with the old etag is refused.
/// </remarks>
internal interface IRecordStore
{
    /// <summary>What is there now.</summary>
    Task<StoredRecord> ReadAsync();

    /// <summary>Writes the record in place of the one with this etag.</summary>
    /// <param name="record">The new record.</param>
    /// <param name="etag">Of what was read or written last; null if nothing was there.</param>
    /// <returns>The record's new etag; null: something else is there, and nothing was written.</returns>
    Task<string?> TryWriteAsync(RootRecord record, string? etag);
}
