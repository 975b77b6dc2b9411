using static Gemini.Silo.Status.StatusScreen;

namespace Gemini.Silo.Status;

/// <summary>What checkpoints cost training and why, in one sentence. Pure.</summary>
internal static class TrafficText
{
    /// <summary>The host with the least time to spare stands for all: training waits for the slowest. Empty if no host reports its traffic.</summary>
    public static string Of(StatusReport report)
    {
        if (report.Hosts.Where(host => host.Traffic is not null).MaxBy(host => Load(host.Traffic!)) is not { Traffic: { } traffic } host) return "";
        var costs = report.Hosts.Select(host => host.Traffic?.Cost).OfType<double>().ToList();
        // Other causes can make an iteration without replicas the longer one. Then replicas cost nothing that can be seen.
        var cost = costs.Count == 0
            ? "what checkpointing costs is not known yet"
            : Text($"checkpointing costs {Math.Max(0, costs.Max()) * 100:0.0} % of an iteration");
        return $"{cost} ({Frequency(traffic.Interval)}; {Path(host)}; {Idle(traffic)}{Held(traffic.Throttle)})";
    }

    private static double Load(StatusTraffic traffic) => traffic.IdleMs > 0 ? (traffic.NeededMs ?? 0) / traffic.IdleMs : double.PositiveInfinity;

    private static string Frequency(int interval) => interval == 1 ? "every iteration" : Text($"every {interval} iterations");

    private static string Path(StatusHost host)
    {
        if (host.Paths.IsEmpty) return "path not measured";
        return host.Paths.All(path => path.Classed) ? "path classed" : "path unclassed";
    }

    private static string Idle(StatusTraffic traffic)
    {
        var (scale, unit) = traffic.IdleMs >= 1000 ? (1000, "s") : (1, "ms");
        var idle = Text($"{traffic.IdleMs / scale:0.#} {unit}");
        return traffic.NeededMs is { } needed ? Text($"{needed / scale:0.#} of {idle} idle time used") : $"{idle} idle time";
    }

    private static string Held(int throttle) => throttle == 0 ? "" : "; held back";
}
