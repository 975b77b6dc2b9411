using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Persistence;

/// <summary>
/// The staging buffers of this host's own ranks. They are part of its memory budget and are made together with its slots. So persisting never runs
/// out of memory during training.
/// </summary>
/// <remarks>
/// Two threads use it. One calls <see cref="Ensure"/> to set which buffers exist. The writer gets buffers by <see cref="Find"/>, and calls
/// <see cref="Collect"/> while it uses none, to unmap the buffers that are no longer wanted.
/// </remarks>
internal sealed class StagingArea : IDisposable
{
    private readonly HostPaths _paths;
    private readonly string _job;
    private readonly int _chunkBytes;
    private readonly Lock _gate = new();
    private readonly Dictionary<Rank, StagedShard> _shards = [];
    private readonly List<StagedShard> _unwanted = [];

    /// <summary>Removes the buffers of an earlier silo of this host. The host's folder must exist.</summary>
    public StagingArea(HostPaths paths, string job, int chunkBytes)
    {
        (_paths, _job, _chunkBytes) = (paths, job, chunkBytes);
        foreach (var leftover in Directory.EnumerateFiles(paths.Directory, "rank-*.staging*")) File.Delete(leftover);
    }

    /// <summary>Bytes of the buffers that exist.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate) return _shards.Values.Concat(_unwanted).Sum(shard => shard.FileBytes);
        }
    }

    /// <summary>Bytes that buffers for these shards take.</summary>
    public long BytesFor(IEnumerable<ShardDirective> own) => own.Sum(shard => SegmentLayout.FileBytes(shard.PayloadBytes, _chunkBytes));

    /// <summary>Makes a buffer for each of these shards. All other buffers are no longer wanted. Idempotent.</summary>
    /// <exception cref="HostMemoryException">No room.</exception>
    public void Ensure(IReadOnlyCollection<ShardDirective> own)
    {
        lock (_gate)
        {
            foreach (var (rank, shard) in _shards.ToList())
            {
                if (own.Any(wanted => wanted.Owner == rank && wanted.PayloadBytes == shard.PayloadBytes)) continue;
                _shards.Remove(rank);
                _unwanted.Add(shard);
            }

            foreach (var wanted in own.Where(wanted => !_shards.ContainsKey(wanted.Owner)))
                _shards.Add(wanted.Owner, new StagedShard(_paths.Staging(wanted.Owner), _job, wanted.Owner, wanted.PayloadBytes, _chunkBytes));
        }
    }

    public StagedShard? Find(Rank owner)
    {
        lock (_gate) return _shards.GetValueOrDefault(owner);
    }

    /// <summary>Releases the buffers that are no longer wanted. Call only while no buffer is in use.</summary>
    public void Collect()
    {
        lock (_gate)
        {
            foreach (var shard in _unwanted)
            {
                // A newer buffer of the same rank has this file name now.
                if (_shards.ContainsKey(shard.Description.Owner)) shard.Unmap();
                else shard.Dispose();
            }

            _unwanted.Clear();
        }
    }

    public void Dispose()
    {
        Collect();
        lock (_gate)
        {
            foreach (var shard in _shards.Values) shard.Dispose();
            _shards.Clear();
        }
    }
}
