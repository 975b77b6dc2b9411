namespace Gemini.Cluster.Tests.Demos;

/// <summary>Process ids of one host, as the demo prints them. 0: no trainer is known.</summary>
internal sealed record HostProcesses(string Host, int Silo, int Trainer);
