using System.Collections.Concurrent;
using System.Collections.Immutable;
using Gemini.Grains.Scheduling;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Transfer;

/// <summary>What this host has measured of the paths to the holders of its shards. Thread-safe.</summary>
internal sealed class PathBook
{
    private readonly ConcurrentDictionary<HostName, PathMeasurement> _paths = new();

    /// <summary>By holder.</summary>
    public ImmutableArray<PathReport> Reports =>
    [
        .. _paths.OrderBy(path => path.Key)
            .Select(path => new PathReport(path.Key, path.Value.BytesPerSecond, Math.Round(path.Value.Inflation, 3), path.Value.IsClassed)),
    ];

    public bool IsKnown(HostName holder) => _paths.ContainsKey(holder);

    /// <summary>Whether the path is known to have a lower class for background traffic.</summary>
    public bool IsClassed(HostName holder) => _paths.TryGetValue(holder, out var path) && path.IsClassed;

    /// <summary>How fast the path was when it was measured; 0: it was not.</summary>
    public long RateOf(HostName holder) => _paths.TryGetValue(holder, out var path) ? path.BytesPerSecond : 0;

    public void Set(HostName holder, PathMeasurement path) => _paths[holder] = path;
}
