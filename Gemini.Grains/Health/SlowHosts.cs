using System.Globalization;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>
/// Finds slow hosts. In synchronous training all iterations last equally long, but a slow host works while the others wait. Pure. It decides nothing,
/// because a slow host still computes correct results.
/// </summary>
internal sealed class SlowHosts
{
    /// <summary>Iterations in a host's median, so that one slow iteration (a garbage collection, a page fault) does not count.</summary>
    private const int Window = 7;

    /// <summary>A host is slow if its own work takes more than this many times that of the median host.</summary>
    private const double SlowRatio = 2;

    /// <summary>A smaller difference from the median host is noise.</summary>
    internal const double NoiseMilliseconds = 5;

    private readonly SortedDictionary<HostName, Queue<double>> _busy = [];
    private readonly Dictionary<HostName, (Epoch Epoch, Iteration Iteration)> _seen = [];

    /// <summary>Takes in a report of a host: its slowest rank's own work in its newest iteration.</summary>
    public void Observe(HostReport report, Epoch epoch)
    {
        var trainers = report.Trainers.Where(trainer => trainer.Epoch == epoch && trainer.BusyMilliseconds > 0).ToList();
        if (trainers.Count == 0) return;
        var newest = (epoch, trainers.Min(trainer => trainer.Iteration));
        if (_seen.TryGetValue(report.Host, out var seen) && seen.CompareTo(newest) >= 0) return;
        _seen[report.Host] = newest;
        if (!_busy.TryGetValue(report.Host, out var busy)) _busy.Add(report.Host, busy = []);
        busy.Enqueue(trainers.Max(trainer => trainer.BusyMilliseconds));
        if (busy.Count > Window) busy.Dequeue();
    }

    /// <summary>The slow hosts among these hosts, for people; null if none is slow.</summary>
    public string? Describe(IEnumerable<HostName> hosts)
    {
        var medians = hosts.Where(host => _busy.TryGetValue(host, out var busy) && busy.Count == Window)
            .Select(host => (Host: host, Busy: Median(_busy[host]))).ToList();
        if (medians.Count < 2) return null;
        var median = Median(medians.Select(host => host.Busy));
        var slow = medians.Where(host => host.Busy > SlowRatio * median && host.Busy - median > NoiseMilliseconds)
            .Select(host => string.Create(CultureInfo.InvariantCulture, $"{host.Host}, {host.Busy / median:0.0}x the median"));
        return string.Join("; ", slow) is { Length: > 0 } text ? text : null;
    }

    /// <summary>If the number of values is even, the smaller middle value: so one of two hosts can be slow.</summary>
    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[(sorted.Length - 1) / 2];
    }
}
