using System.Collections.Immutable;
using Gemini.Grains.Placement;
using Gemini.Grains.Placement.Domains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>The failure domains of the job's hosts, and how safe the placement is with these domains. Pure.</summary>
internal sealed class JobDomains(JobState state, HostRoster roster)
{
    private readonly HostLabelBook _labels = new(state.Job);
    private readonly Lazy<DomainArrangement> _arrangement = new(() => JobPlacement.ArrangementOf(state.Job));
    private (ImmutableArray<HostName?> Assignment, int HostCount, PlacementStatus Status)? _status;

    /// <summary>Which host takes which position at a first start.</summary>
    public DomainArrangement Arrangement => _arrangement.Value;

    public LabelledHost Of(HostName host) => new(host, _labels.Of(host, roster.Find(host)?.Report.Labels ?? []));

    /// <summary>The labels of a host, such as "rack=r7,power=left"; empty if they are not known.</summary>
    public string TextOf(HostView host) => _labels.TextOf(host.Report.Host, host.Report.Labels);

    /// <summary>Whether two hosts share a failure domain in which two copies of one shard should not both be.</summary>
    public bool AreShared(HostName left, HostName right)
    {
        var (one, other) = (Of(left).Labels, Of(right).Labels);
        return state.Job.Domains.Any(label => one.ValueOf(label) is { } value && value == other.ValueOf(label));
    }

    /// <summary>Computed again only when the assignment or the number of known hosts changes.</summary>
    public PlacementStatus Describe()
    {
        var assignment = state.Record.Assignment;
        if (_status is { } known && known.Assignment == assignment && known.HostCount == roster.Count) return known.Status;
        ImmutableArray<LabelledHost> hosts = assignment.IsEmpty
            ? Arrangement.Hosts
            : [.. assignment.Select((host, position) => host is { } name ? Of(name) : new LabelledHost(new HostName($"position {position}"), HostLabels.None))];
        var status = PlacementReport.Of(state.Job, Arrangement, hosts);
        _status = (assignment, roster.Count, status);
        return status;
    }
}
