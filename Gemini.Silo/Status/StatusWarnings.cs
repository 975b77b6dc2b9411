using Gemini.Interfaces.Model;

namespace Gemini.Silo.Status;

/// <summary>
/// What an operator should know beyond the verdict, a line each, the most urgent first. The place to add a line: whatever is wrong and not yet
/// a failure is said here, and from here it is in the text and in the JSON.
/// </summary>
internal static class StatusWarnings
{
    public static IEnumerable<string> Of(JobStatus status, CommitRecord? record)
    {
        foreach (var host in status.Hosts.Where(host => host is { Alive: true, Report.Problem: not null }))
            yield return $"{host.Report.Host}: {host.Report.Problem}";
        foreach (var host in status.Hosts.Where(host => host is { Alive: false, Position: not null }))
            yield return $"{host.Report.Host} is lost and not replaced yet";
        foreach (var request in status.MachineRequests) yield return request.Describe();
        foreach (var copy in status.Quarantined)
            yield return $"{copy.Host}: the copy of rank {copy.Owner} of snapshot {copy.Snapshot} is bad and is not used again: {copy.Reason}";
        if (record is { SilentGroups.IsEmpty: false })
            yield return $"group {string.Join(", ", record.SilentGroups)} did not say what it holds: its copies are as the hosts reported them last";
        if (status.StorageProblem is { } storage) yield return $"storage, trying again: {storage}";
        if (status.Slow is { } slow) yield return $"slow, and the others wait for it: {slow}";
        foreach (var warning in status.Placement.Warnings) yield return warning;
    }
}
