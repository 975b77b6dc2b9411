using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Root;

/// <summary>The silo processes of Orleans' membership.</summary>
internal sealed class ClusterMembers(IClusterMembershipService membership)
{
    private (ClusterMembershipSnapshot? Of, List<MemberView> Views) _known = (null, []);

    /// <summary>Read for every report. Returns a new list only if membership has changed.</summary>
    public List<MemberView> Current()
    {
        var snapshot = membership.CurrentSnapshot;
        if (!ReferenceEquals(_known.Of, snapshot))
        {
            _known = (snapshot, [.. snapshot.Members.Values.Select(member =>
                new MemberView(new HostName(member.Name), member.SiloAddress.Generation, member.Status == SiloStatus.Dead))]);
        }

        return _known.Views;
    }
}
