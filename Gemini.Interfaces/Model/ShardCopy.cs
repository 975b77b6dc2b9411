namespace Gemini.Interfaces.Model;

/// <summary>One copy in one host's memory.</summary>
/// <param name="Host">Who holds it.</param>
/// <param name="Position">The holder's position; null when it has none any more.</param>
/// <param name="Domain">Where the holder stands, such as "rack=r7,power=left", the most important label first; empty without labels.</param>
/// <param name="IsOwn">Whether the shard's owner trains there.</param>
[GenerateSerializer, Immutable, Alias("gemini.ShardCopy")]
public sealed record ShardCopy(HostName Host, HostPosition? Position, string Domain, bool IsOwn);
