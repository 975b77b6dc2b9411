using Gemini.Grains.Recovery;
using Gemini.Grains.Root;

namespace Gemini.Grains.Tests.Root;

/// <summary>A record store that answers at once.</summary>
internal sealed class RecordDouble : IRecordStore
{
    private int _writes;
    private string? _etag;

    /// <summary>The stored record; a new record if there is none.</summary>
    public RootRecord Record { get; private set; } = new();

    /// <summary>How often the record was read.</summary>
    public int Reads { get; private set; }

    /// <summary>Every call fails.</summary>
    public bool IsAway { get; set; }

    public void Lose() => (Record, _etag) = (new RootRecord(), null);

    /// <summary>Writes a record as another root agent would.</summary>
    public void Overwrite(RootRecord record) => (Record, _etag) = (record, $"{++_writes}");

    public Task<StoredRecord> ReadAsync()
    {
        Reads++;
        return IsAway
            ? Task.FromException<StoredRecord>(new TimeoutException("the store is away"))
            : Task.FromResult(new StoredRecord(_etag is null ? null : Record, _etag));
    }

    public Task<string?> TryWriteAsync(RootRecord record, string? etag)
    {
        if (IsAway) return Task.FromException<string?>(new TimeoutException("the store is away"));
        if (etag != _etag) return Task.FromResult<string?>(null);
        Overwrite(record);
        return Task.FromResult(_etag);
    }
}
