namespace Gemini.Interfaces.Model;

/// <summary>A holder does not have the newest copy of a shard, because the owner's host cannot send it. The owner's host keeps trying.</summary>
/// <param name="Owner">Whose shard.</param>
/// <param name="Holder">The host that should hold the copy.</param>
/// <param name="Reason">Why the last attempt failed; for people.</param>
/// <param name="SinceUnixMilliseconds">
/// The first attempt that failed since the holder last acknowledged a copy, or since the epoch began: wall clock of the owner's
/// host, for people. One attempt that fails is ordinary; a problem counts once it is some seconds old.
/// </param>
[GenerateSerializer, Immutable, Alias("gemini.ReplicationProblem")]
public sealed record ReplicationProblem(Rank Owner, HostName Holder, string Reason, long SinceUnixMilliseconds);
