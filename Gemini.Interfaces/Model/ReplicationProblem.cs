namespace Gemini.Interfaces.Model;

/// <summary>A holder does not have the newest copy of a shard, because the owner's host could not send it. The owner's host keeps trying.</summary>
/// <param name="Owner">Whose shard.</param>
/// <param name="Holder">The host that should hold the copy.</param>
/// <param name="Reason">Why the last attempt failed; for people.</param>
/// <param name="SinceUnixMilliseconds">
/// When the first attempt failed since the holder last acknowledged a copy, or since the epoch began. Wall clock of the owner's host, for people. A
/// single failed attempt is normal; a problem counts only after some seconds.
/// </param>
[GenerateSerializer, Immutable, Alias("gemini.ReplicationProblem")]
public sealed record ReplicationProblem(Rank Owner, HostName Holder, string Reason, long SinceUnixMilliseconds);
