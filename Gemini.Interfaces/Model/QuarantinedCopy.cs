namespace Gemini.Interfaces.Model;

/// <summary>A copy that failed a check. It is no longer in any inventory and is never used again.</summary>
/// <param name="Host">On which host it was.</param>
/// <param name="Owner">Whose shard.</param>
/// <param name="Snapshot">Of which snapshot.</param>
/// <param name="Reason">What was found; for people.</param>
[GenerateSerializer, Immutable, Alias("gemini.QuarantinedCopy")]
public sealed record QuarantinedCopy(HostName Host, Rank Owner, SnapshotId Snapshot, string Reason);
