using Orleans.Configuration;

namespace Gemini.Silo.Hosting;

/// <summary>
/// How soon silence counts as death. In either profile, <see cref="CrashDetector"/> detects a crashed process; these settings are for hosts that
/// freeze or are cut off.
/// </summary>
internal static class SiloTiming
{
    /// <summary>About 5 s to a verdict on a frozen host, and no false alarm on a loaded one.</summary>
    public static void ApplyDefault(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = TimeSpan.FromSeconds(1);
        options.MinProbeTimeout = TimeSpan.FromMilliseconds(500);
        options.MaxProbeTimeout = TimeSpan.FromSeconds(1.5);
        options.NumMissedProbesLimit = 3;
        ApplyCommon(options);
    }

    /// <summary>About 2 s to a verdict: for hosts whose silo has a core to itself.</summary>
    public static void ApplyFast(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = TimeSpan.FromSeconds(1);
        options.MinProbeTimeout = TimeSpan.FromMilliseconds(250);
        options.MaxProbeTimeout = TimeSpan.FromSeconds(1);
        options.NumMissedProbesLimit = 2;
        ApplyCommon(options);
    }

    private static void ApplyCommon(ClusterMembershipOptions options)
    {
        options.NumVotesForDeathDeclaration = 2;
        options.TableRefreshTimeout = TimeSpan.FromSeconds(10);
        // A row that is older than three of these periods counts as stale, and one vote is then enough to evict its silo. So this has to be more than
        // the clocks differ, and more than Redis needs for a restart. It also bounds how long a full restart waits for hosts that do not come back.
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(10);
    }
}
