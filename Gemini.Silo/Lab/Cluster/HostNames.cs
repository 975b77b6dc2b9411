using System.Collections.Immutable;
using System.Globalization;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>The names of the demo's hosts: host-0, host-1, ...; the standbys come after the hosts that train.</summary>
internal static class HostNames
{
    public static string Name(int index) => string.Create(CultureInfo.InvariantCulture, $"host-{index}");

    public static ImmutableArray<string> Names(int count) => [.. Enumerable.Range(0, count).Select(Name)];
}
