namespace Gemini.Interfaces.Model;

/// <summary>One copy in one host's memory.</summary>
/// <param name="Host">Who holds it.</param>
/// <param name="Position">The holder's position; null if the holder has none now.</param>
/// <param name="Domain">The holder's location, such as "rack=r7,power=left", the most important label first; empty without labels.</param>
/// <param name="IsOwn">Whether the shard's owner trains there.</param>
[GenerateSerializer, Immutable, Alias("gemini.ShardCopy")]
public sealed record ShardCopy(HostName Host, HostPosition? Position, string Domain, bool IsOwn);
