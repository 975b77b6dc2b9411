using Gemini.Grains.Recovery;
using Orleans.Storage;

namespace Gemini.Grains.Root;

/// <summary>The record in Orleans' grain storage, as the state of the root agent's grain.</summary>
internal sealed class GrainRecordStore(IGrainStorage storage, GrainId grain) : IRecordStore
{
    public async Task<StoredRecord> ReadAsync()
    {
        var state = new GrainState<RootRecord>();
        await storage.ReadStateAsync(RootAgent.RecordName, grain, state);
        return new StoredRecord(state.RecordExists ? state.State : null, state.ETag);
    }

    public async Task<string?> TryWriteAsync(RootRecord record, string? etag)
    {
        var state = new GrainState<RootRecord>(record, etag) { RecordExists = etag is not null };
        try
        {
            await storage.WriteStateAsync(RootAgent.RecordName, grain, state);
        }
        catch (InconsistentStateException)
        {
            return null;
        }

        return state.ETag;
    }
}
