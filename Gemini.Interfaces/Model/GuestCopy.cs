using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>
/// A copy that a host should take in while the job waits for a machine. The placement does not name this host, but the shard has lost copies and this
/// host has free memory. The copy is a source like any other. The host discards it once the job trains again.
/// </summary>
/// <param name="Replica">The copy and its expected hash.</param>
/// <param name="Sources">Hosts that hold it, best first.</param>
[GenerateSerializer, Immutable, Alias("gemini.GuestCopy")]
public sealed record GuestCopy(Replica Replica, ImmutableArray<HostName> Sources)
{
    public bool Equals(GuestCopy? other) => other is not null && Replica == other.Replica && Sources.SequenceEqual(other.Sources);

    public override int GetHashCode() => Replica.GetHashCode();
}
