namespace Gemini.Cluster.Tests.Harness;

/// <summary>
/// How long the tests wait before they report a hang. An idle two-core machine needs a tenth of each limit. These limits are for a machine with other
/// load.
/// </summary>
internal static class Limits
{
    /// <summary>From the start of a cluster to its first iteration.</summary>
    public static readonly TimeSpan Start = TimeSpan.FromSeconds(120);

    /// <summary>One recovery, or a host's restart.</summary>
    public static readonly TimeSpan Recovery = TimeSpan.FromSeconds(90);

    /// <summary>A whole demo.</summary>
    public static readonly TimeSpan Demo = TimeSpan.FromSeconds(240);

    /// <summary>From a signal to the end of everything.</summary>
    public static readonly TimeSpan Stop = TimeSpan.FromSeconds(40);

    /// <summary>A command that should fail at once.</summary>
    public static readonly TimeSpan BadInput = TimeSpan.FromSeconds(60);
}
