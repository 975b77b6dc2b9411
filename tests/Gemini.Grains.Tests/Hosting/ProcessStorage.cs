using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Runtime;
using Orleans.Storage;

namespace Gemini.Grains.Tests.Hosting;

/// <summary>Grain storage that outlives every silo of a cluster in this process, as a Redis server would; Orleans' own in memory lives in grains.</summary>
public sealed class ProcessStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string, GrainId), (object State, string ETag)> _records = [];
    private long _writes;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (!_records.TryGetValue((stateName, grainId), out var record)) return Task.CompletedTask;
        (grainState.State, grainState.ETag, grainState.RecordExists) = ((T)record.State, record.ETag, true);
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var known = _records.TryGetValue((stateName, grainId), out var record) ? record.ETag : null;
        if (known != grainState.ETag) throw new InconsistentStateException("overtaken", known ?? "", grainState.ETag ?? "");
        grainState.ETag = Interlocked.Increment(ref _writes).ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = true;
        _records[(stateName, grainId)] = (grainState.State!, grainState.ETag);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();
}
