using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Machines;

/// <summary>How many machines a job lacks, and which.</summary>
/// <param name="Count">How many machines. Fewer than <paramref name="Missing"/> names if hosts with other names have taken places.</param>
/// <param name="Missing">The wanted hosts that are not present, the newest loss first. At least <paramref name="Count"/> of them.</param>
public sealed record MachineNeed(int Count, ImmutableArray<MissingMachine> Missing)
{
    /// <summary>Works out the need from the hosts that are present.</summary>
    /// <param name="job">Names the wanted hosts.</param>
    /// <param name="live">Hosts that are present, and hosts that may still come back with everything they had in memory.</param>
    /// <param name="vacant">Positions that have no host.</param>
    /// <param name="lostAt">When a host was lost, Unix milliseconds; null if nobody saw the loss.</param>
    public static MachineNeed Of(
        JobSpec job, IReadOnlySet<HostName> live, IReadOnlyList<HostPosition> vacant, Func<HostName, long?> lostAt)
    {
        var wanted = job.Hosts.AddRange(job.Standbys);
        // The newest loss first: if a host with another name has taken a place, that place was left by an older loss.
        var missing = wanted.Where(host => !live.Contains(host)).OrderByDescending(host => lostAt(host) ?? 0);
        return new MachineNeed(
            Math.Max(0, wanted.Length - live.Count),
            [.. missing.Select((host, index) => new MissingMachine(host, Purpose(index), lostAt(host)))]);

        string Purpose(int index) => index < vacant.Count ? $"for position {vacant[index]}" : "as a standby";
    }
}
