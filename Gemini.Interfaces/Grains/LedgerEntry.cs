using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Grains;

/// <summary>Who holds one shard of one snapshot.</summary>
/// <param name="Replica">The shard, the snapshot and the hash on which the holders agree.</param>
/// <param name="Holders">Positions that reported it sealed, in order.</param>
/// <param name="Expected">Positions that should hold it by the placement, in order.</param>
[GenerateSerializer, Immutable, Alias("gemini.LedgerEntry")]
public sealed record LedgerEntry(Replica Replica, ImmutableArray<HostPosition> Holders, ImmutableArray<HostPosition> Expected);
