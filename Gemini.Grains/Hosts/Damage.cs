using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>A copy that was discarded because it failed a check.</summary>
/// <param name="Owner">Whose shard.</param>
/// <param name="Snapshot">Of which snapshot.</param>
/// <param name="Reason">What was found; for people.</param>
public readonly record struct Damage(Rank Owner, SnapshotId Snapshot, string Reason);
