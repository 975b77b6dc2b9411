using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>A root agent and checkpoint groups that record what a host tells them, with the time in milliseconds.</summary>
internal sealed class ControlPlaneDouble(Func<long> now) : IControlPlane
{
    public List<(long At, HostReport Report)> Reports { get; } = [];

    public List<(long At, string Text)> Announcements { get; } = [];

    /// <summary>Answers a report. Default: a directive that asks for nothing.</summary>
    public Func<HostReport, Task<HostDirective>> Answer { get; set; } = _ => Task.FromResult(new HostDirective { Version = default });

    /// <summary>Answers an announcement. Default: it is taken in.</summary>
    public Func<Task> TakeAnnouncement { get; set; } = () => Task.CompletedTask;

    public Task<HostDirective> ReportAsync(HostReport report, CancellationToken ct)
    {
        Reports.Add((now(), report));
        return Answer(report);
    }

    public Task AnnounceAsync(
        int group, HostPosition position, Epoch epoch, ImmutableArray<Replica> replicas, ImmutableArray<Iteration> skipped, CancellationToken ct)
    {
        var copies = string.Join(' ', replicas.Select(copy => $"{copy.Owner}:{copy.Snapshot}"));
        var skips = skipped.IsEmpty ? "" : $" skipped {string.Join(' ', skipped.Order())}";
        Announcements.Add((now(), $"group {group}, position {position}, epoch {epoch}: {copies}{skips}"));
        return TakeAnnouncement();
    }
}
