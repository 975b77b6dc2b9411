namespace Gemini.Grains.Recovery;

/// <summary>How long a job was one loss from losing what it has in memory.</summary>
/// <param name="TotalMilliseconds">All intervals together.</param>
/// <param name="LongestMilliseconds">The longest of them.</param>
[GenerateSerializer, Immutable, Alias("gemini.ExposedTime")]
public readonly record struct ExposedTime(long TotalMilliseconds, long LongestMilliseconds);
