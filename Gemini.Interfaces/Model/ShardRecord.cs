using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>One shard of the committed snapshot.</summary>
/// <param name="Replica">Its owner, snapshot, hash and size.</param>
/// <param name="Copies">Present hosts that hold the shard sealed in memory, the owner's own first, then by name. Empty: the shard is lost.</param>
/// <param name="Missing">Hosts that should hold a copy by the placement but do not; "position N" if the position has no host.</param>
[GenerateSerializer, Immutable, Alias("gemini.ShardRecord")]
public sealed record ShardRecord(Replica Replica, ImmutableArray<ShardCopy> Copies, ImmutableArray<string> Missing);
