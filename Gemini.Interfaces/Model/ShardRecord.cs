using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>One shard of the committed snapshot.</summary>
/// <param name="Replica">Its owner, snapshot, hash and size.</param>
/// <param name="Copies">Live hosts that hold it sealed in memory, the owner's own first, then by name. Empty: it is lost.</param>
/// <param name="Missing">Hosts, or "position N" without one, that should hold a copy by the placement and do not.</param>
[GenerateSerializer, Immutable, Alias("gemini.ShardRecord")]
public sealed record ShardRecord(Replica Replica, ImmutableArray<ShardCopy> Copies, ImmutableArray<string> Missing);
