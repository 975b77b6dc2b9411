using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Demo;

/// <summary>A kill that was done.</summary>
/// <param name="Spec">What was asked for.</param>
/// <param name="Host">The host that was hit. If the specified host had been replaced, this is its replacement.</param>
/// <param name="AtIteration">The iteration that was running.</param>
/// <param name="AtUnixMilliseconds">When the kill was done.</param>
internal sealed record KillRecord(KillSpec Spec, HostName Host, long AtIteration, long AtUnixMilliseconds);
