using System.Collections.Immutable;

namespace Gemini.Grains.Placement.Domains;

/// <summary>Which host takes which position, and what that does for failure domains.</summary>
/// <param name="Hosts">By position, 0 to N-1.</param>
/// <param name="Labels">One entry per label asked for, in the same order of priority; empty when none was.</param>
public sealed record DomainArrangement(ImmutableArray<LabelledHost> Hosts, ImmutableArray<LabelSharing> Labels)
{
    /// <summary>No shard has two holders in one domain, by any of the labels.</summary>
    public bool NothingShared => Labels.All(label => label.Verdict == SharingVerdict.NothingShared);

    /// <summary>One line per label that shares; empty when nothing is shared.</summary>
    public string Reason => string.Join('\n', Labels.Select(label => label.Reason).Where(reason => reason.Length > 0));
}
