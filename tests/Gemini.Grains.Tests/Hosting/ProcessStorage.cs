using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Runtime;
using Orleans.Storage;

namespace Gemini.Grains.Tests.Hosting;

/// <summary>
/// Grain storage that outlives every silo of a cluster in this process, like a Redis server. Orleans' own storage in memory is held by grains.
/// </summary>
public sealed class ProcessStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string, GrainId), (object State, string ETag)> _records = [];
    private readonly TaskCompletionSource _readWhileAway = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _back = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _writes;
    private volatile bool _isAway;

    /// <summary>From now on no read is answered. Completes with the first read.</summary>
    public Task GoAway()
    {
        _isAway = true;
        return _readWhileAway.Task;
    }

    /// <summary>Fails all reads that wait.</summary>
    public void ComeBack()
    {
        _isAway = false;
        _back.TrySetException(new TimeoutException("The store was away."));
    }

    /// <summary>Changes the etag of every record, like a write of another activation.</summary>
    public void Overwrite()
    {
        foreach (var key in _records.Keys) _records[key] = (_records[key].State, NextETag());
    }

    /// <summary>Removes all records.</summary>
    public void Lose() => _records.Clear();

    /// <summary>Writes a record like an activation that came up after a loss and read no record.</summary>
    public void Begin<T>(string stateName, GrainId grainId, T state) => _records[(stateName, grainId)] = (state!, NextETag());

    /// <summary>The stored record; throws if there is none.</summary>
    public T Get<T>(string stateName, GrainId grainId) => (T)_records[(stateName, grainId)].State;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (_isAway)
        {
            _readWhileAway.TrySetResult();
            return _back.Task;
        }

        if (!_records.TryGetValue((stateName, grainId), out var record))
        {
            (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null, false);
            return Task.CompletedTask;
        }

        (grainState.State, grainState.ETag, grainState.RecordExists) = ((T)record.State, record.ETag, true);
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var known = _records.TryGetValue((stateName, grainId), out var record) ? record.ETag : null;
        if (known != grainState.ETag) throw new InconsistentStateException("overtaken", known ?? "", grainState.ETag ?? "");
        grainState.ETag = NextETag();
        grainState.RecordExists = true;
        _records[(stateName, grainId)] = (grainState.State!, grainState.ETag);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();

    private string NextETag() => Interlocked.Increment(ref _writes).ToString(CultureInfo.InvariantCulture);
}
