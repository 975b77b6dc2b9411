using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Machines;

/// <summary>How many machines a job lacks, and which.</summary>
/// <param name="Count">How many. Fewer than are missing by name when hosts of other names have taken places.</param>
/// <param name="Missing">The wanted hosts that are not there, the most wanted first. Never fewer than <paramref name="Count"/>.</param>
public sealed record MachineNeed(int Count, ImmutableArray<MissingMachine> Missing)
{
    /// <summary>Works out the need from who is there.</summary>
    /// <param name="job">Names the hosts it wants.</param>
    /// <param name="live">Hosts that are there, or that may yet come back with all they had.</param>
    /// <param name="vacant">Positions that have no host.</param>
    /// <param name="lostAt">When a host was lost, Unix milliseconds; null when nobody saw that.</param>
    public static MachineNeed Of(
        JobSpec job, IReadOnlySet<HostName> live, IReadOnlyList<HostPosition> vacant, Func<HostName, long?> lostAt)
    {
        var wanted = job.Hosts.AddRange(job.Standbys);
        // The newest loss first: when a host of another name has taken a place, it was that of an older one.
        var missing = wanted.Where(host => !live.Contains(host)).OrderByDescending(host => lostAt(host) ?? 0);
        return new MachineNeed(
            Math.Max(0, wanted.Length - live.Count),
            [.. missing.Select((host, index) => new MissingMachine(host, Purpose(index), lostAt(host)))]);

        string Purpose(int index) => index < vacant.Count ? $"for position {vacant[index]}" : "as a standby";
    }
}
