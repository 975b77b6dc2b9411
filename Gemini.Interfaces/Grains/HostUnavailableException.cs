using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Grains;

/// <summary>
/// The host has no live silo. Not an <c>OrleansException</c>, which placement would retry three times before it reached
/// the caller: this one arrives in milliseconds.
/// </summary>
[GenerateSerializer, Alias("gemini.HostUnavailableException")]
public sealed class HostUnavailableException(HostName host) : Exception($"Host {host} has no live silo.")
{
    [Id(0)] public HostName Host { get; } = host;
}
