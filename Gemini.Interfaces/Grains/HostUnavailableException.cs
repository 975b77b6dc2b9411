using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Grains;

/// <summary>
/// The host has no live silo. This is not an <c>OrleansException</c>: Orleans' placement would retry that three times before it reached the caller.
/// This exception arrives within milliseconds.
/// </summary>
[GenerateSerializer, Alias("gemini.HostUnavailableException")]
public sealed class HostUnavailableException(HostName host) : Exception($"Host {host} has no live silo.")
{
    [Id(0)] public HostName Host { get; } = host;
}
