namespace Gemini.Interfaces.Model;

/// <summary>How the path from a host to a holder of its shards treats background traffic, measured before the job began to train.</summary>
/// <param name="Holder">The other end.</param>
/// <param name="BytesPerSecond">How fast the path is without other traffic.</param>
/// <param name="Inflation">How much longer a burst of training takes beside background traffic. 1: no longer.</param>
/// <param name="IsClassed">
/// Whether the path has a lower class for background traffic. In mode gemini, replicas are then sent at once; otherwise they wait for idle spans.
/// </param>
[GenerateSerializer, Immutable, Alias("gemini.PathReport")]
public sealed record PathReport(HostName Holder, long BytesPerSecond, double Inflation, bool IsClassed);
