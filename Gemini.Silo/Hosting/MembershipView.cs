using System.Collections.Immutable;

namespace Gemini.Silo.Hosting;

/// <summary>The members as the silo itself knows them, independent of the table in Redis now.</summary>
/// <param name="Version">The version of the table that the silo has this from.</param>
/// <param name="Self">The silo's own address, as in the table.</param>
/// <param name="Members">The state of each member, under its address.</param>
internal sealed record MembershipView(long Version, string Self, ImmutableDictionary<string, SiloStatus> Members)
{
    public bool IsActive => Members.GetValueOrDefault(Self) == SiloStatus.Active;

    public static MembershipView Of(ClusterMembershipSnapshot snapshot, SiloAddress self) => new(
        snapshot.Version.Value,
        self.ToString(),
        snapshot.Members.Values.ToImmutableDictionary(member => member.SiloAddress.ToString(), member => member.Status));
}
