using System.Collections.Immutable;

namespace Gemini.Grains.Placement.Domains;

/// <summary>Which host takes which position, and which failure domains the holders of a shard then share.</summary>
/// <param name="Hosts">By position, 0 to N-1.</param>
/// <param name="Labels">One entry per requested label, in the same order of priority; empty if none was requested.</param>
public sealed record DomainArrangement(ImmutableArray<LabelledHost> Hosts, ImmutableArray<LabelSharing> Labels)
{
    /// <summary>No shard has two holders in one domain, by any of the labels.</summary>
    public bool NothingShared => Labels.All(label => label.Verdict == SharingVerdict.NothingShared);

    /// <summary>One line per label that shares; empty if nothing is shared.</summary>
    public string Reason => string.Join('\n', Labels.Select(label => label.Reason).Where(reason => reason.Length > 0));
}
