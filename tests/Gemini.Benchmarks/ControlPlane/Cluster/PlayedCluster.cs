using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>
/// The product's control plane in processes: a silo for the root agent, one for the checkpoint groups, and <see cref="HostSilos"/> for the hosts, with a
/// Redis server in this process. All messages between them go over loopback.
/// </summary>
internal static class PlayedCluster
{
    /// <summary>So many silos share the hosts. The members of a group are in different ones.</summary>
    private const int HostSilos = 2;

    /// <summary>Iterations before the first that counts.</summary>
    public const int WarmUpIterations = 5;

    private static readonly TimeSpan UpLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FormingLimit = TimeSpan.FromSeconds(120);

    /// <summary>Before the first measurement: in its first seconds a process compiles what it runs.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(6);

    /// <summary>How long the silos are measured while nothing happens.</summary>
    private static readonly TimeSpan IdleSpan = TimeSpan.FromSeconds(5);

    /// <summary>Before anything is measured, or told to begin together, so that each process has the order in time.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(500);

    /// <summary>More than a process needs for its answer.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(30);

    /// <summary>Measures one size once.</summary>
    /// <param name="hosts">N.</param>
    /// <param name="seconds">How long to measure.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="LabException">A process failed, or the job recovered meanwhile.</exception>
    public static async Task<ClusterSample> MeasureAsync(int hosts, int seconds, CancellationToken ct)
    {
        var ports = new FreePorts(Environment.ProcessId);
        using var redis = new GarnetHost(ports.Next());
        var secret = RandomNumberGenerator.GetBytes(32);
        var silos = new List<SiloProcess>();
        try
        {
            string[] names = [PlayedSiloSettings.RootName, PlayedSiloSettings.GroupsName, .. Enumerable.Range(0, HostSilos).Select(PlayedSiloSettings.HostSiloName)];
            foreach (var name in names)
            {
                var settings = new PlayedSiloSettings(name, hosts, HostSilos, ports.Next(), ports.Next(), redis.Endpoint, secret);
                silos.Add(await SiloProcess.StartAsync(settings, UpLimit, ct));
            }

            return await MeasureAsync(silos, hosts, seconds, ct);
        }
        finally
        {
            foreach (var silo in silos) await silo.DisposeAsync();
        }
    }

    private static async Task<ClusterSample> MeasureAsync(List<SiloProcess> silos, int hosts, int seconds, CancellationToken ct)
    {
        var span = TimeSpan.FromSeconds(seconds);
        var idle = await MeasureAsync(silos, After(Settling), IdleSpan, ct);

        await TellAllAsync(silos, $"{PlayedOrder.Form} {After(Lead)}");
        var forming = await Task.WhenAll(silos.Select(silo => silo.ReadAsync(FormingLimit, ct)));

        var begin = After(Lead);
        await TellAllAsync(silos, $"{PlayedOrder.Train} {begin}");
        // Half an iteration later: each measured iteration lies whole in the measured time.
        var from = begin + (long)((WarmUpIterations + 0.5) * PlayedTraining.Period.TotalMilliseconds);
        var training = await MeasureAsync(silos, from, span, ct);
        if (training.Max(silo => silo.LastEpoch) != 1) throw new LabException("the job recovered while it was measured");

        var commits = training.Where(silo => silo.CommitMilliseconds.Length > 0).Select(silo => silo.CommitMilliseconds).ToList();
        return new ClusterSample(
            hosts, span.TotalSeconds,
            forming.Max(text => double.Parse(text, CultureInfo.InvariantCulture)),
            [.. Enumerable.Range(0, commits.Min(silo => silo.Length)).Select(index => commits.Max(silo => silo[index]))],
            training[0].Usage, training[1].Usage, Sum(training.Skip(2)), Sum(idle).Times(span / IdleSpan), idle[0].Usage.Times(span / IdleSpan));
    }

    private static async Task<ImmutableArray<SiloMeasurement>> MeasureAsync(List<SiloProcess> silos, long from, TimeSpan span, CancellationToken ct)
    {
        await TellAllAsync(silos, $"{PlayedOrder.Measure} {from} {from + (long)span.TotalMilliseconds}");
        var lines = await Task.WhenAll(silos.Select(silo => silo.ReadAsync(span + Slack, ct)));
        return [.. lines.Select(line => JsonSerializer.Deserialize<SiloMeasurement>(line)!)];
    }

    private static SiloUsage Sum(IEnumerable<SiloMeasurement> silos) => silos.Select(silo => silo.Usage).Aggregate((sum, usage) => sum + usage);

    private static Task TellAllAsync(List<SiloProcess> silos, string order) => Task.WhenAll(silos.Select(silo => silo.TellAsync(order)));

    private static long After(TimeSpan lead) => WallClock.Now + (long)lead.TotalMilliseconds;
}
