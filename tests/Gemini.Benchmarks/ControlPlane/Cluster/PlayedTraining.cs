using Gemini.Interfaces.Model;

namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>
/// Trains all hosts of a process by the wall clock, in step with the hosts of the other processes. All ranks finish an iteration at the same moment, as
/// ranks of one job do: the control plane gets all its work for an iteration at once.
/// </summary>
/// <param name="hosts">The hosts.</param>
/// <param name="begin">When the first iteration begins, Unix milliseconds.</param>
internal sealed class PlayedTraining(IReadOnlyList<PlayedHost> hosts, long begin)
{
    /// <summary>Of an iteration.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>From the end of an iteration until the own copy is complete.</summary>
    public static readonly TimeSpan Capture = TimeSpan.FromMilliseconds(100);

    /// <summary>From the end of an iteration until its copies are at their holders.</summary>
    public static readonly TimeSpan Replication = TimeSpan.FromMilliseconds(300);

    /// <summary>Stands for a commit of which not every host has learned.</summary>
    private const double NeverMilliseconds = 60_000;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, (int Hosts, double Latest)> _commits = [];

    /// <summary>
    /// For each iteration of this time, how many milliseconds after the copies' arrival the last host knew of the commit;
    /// <see cref="NeverMilliseconds"/> if a host did not learn of it.
    /// </summary>
    /// <param name="from">Unix milliseconds.</param>
    /// <param name="to">Unix milliseconds.</param>
    public List<double> Latencies(long from, long to)
    {
        var period = (long)Period.TotalMilliseconds;
        List<double> latencies = [];
        lock (_gate)
        {
            for (var iteration = Math.Max(1, ((from - begin) / period) + 1); begin + (iteration * period) < to; iteration++)
            {
                var (count, latest) = _commits.GetValueOrDefault(iteration);
                latencies.Add(count == hosts.Count ? latest : NeverMilliseconds);
            }
        }

        return latencies;
    }

    public async Task RunAsync(CancellationToken ct)
    {
        foreach (var host in hosts) host.Committed += Note;
        for (var number = 1L; ; number++)
        {
            var iteration = new Iteration(number);
            var end = DateTimeOffset.FromUnixTimeMilliseconds(begin) + (Period * number);
            await WallClock.UntilAsync(end, ct);
            foreach (var host in hosts) host.Finish(iteration);
            await WallClock.UntilAsync(end + Capture, ct);
            foreach (var host in hosts) await host.SealAsync(iteration);
            await WallClock.UntilAsync(end + Replication, ct);
            foreach (var host in hosts) host.Receive(iteration);
        }
    }

    private void Note(Iteration iteration)
    {
        var arrival = DateTimeOffset.FromUnixTimeMilliseconds(begin) + (Period * iteration.Value) + Replication;
        var latency = (TimeProvider.System.GetUtcNow() - arrival).TotalMilliseconds;
        lock (_gate)
        {
            var (count, latest) = _commits.GetValueOrDefault(iteration.Value);
            _commits[iteration.Value] = (count + 1, Math.Max(latest, latency));
        }
    }
}
