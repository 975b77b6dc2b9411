using System.Collections.Immutable;
using System.CommandLine;
using Gemini.Benchmarks.ControlPlane.Cluster;
using Gemini.Silo.Configuration;
using static Gemini.Silo.Commands.CommandOptions;

namespace Gemini.Benchmarks.ControlPlane;

/// <summary><c>control-plane</c>: what the control plane costs, for jobs of several sizes.</summary>
internal static class ControlPlaneCommand
{
    internal static readonly int[] DefaultHosts = [16, 64, 256, 1024];

    private static readonly Option<int[]> Hosts = new("--hosts")
    {
        Description = $"Hosts of the job; repeatable. At least 2. Default: {string.Join(", ", DefaultHosts)}.",
        HelpName = "N",
        DefaultValueFactory = _ => DefaultHosts,
    };

    private static readonly Option<int> Repeat = Value("--repeat", "COUNT", "How often each size is measured.", 5);

    private static readonly Option<int> Seconds = Value("--seconds", "S", "How long each size is measured in processes.", 20);

    private static readonly Option<ControlPlanePart?> Part = new("--part")
    {
        Description = "Decisions: only the coordinator, in this process. Processes: the grains in silos over loopback. Default: both.",
        HelpName = "PART",
    };

    /// <summary>The command of a silo process.</summary>
    internal const string SiloName = "control-plane-silo";

    public static Command Create()
    {
        var command = new Command("control-plane", "Measures what the control plane of a job costs: the root agent's decisions, and the grains in processes.")
        {
            Hosts, Repeat, Seconds, Part, BenchmarkReport.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>A silo of the measured cluster. This program starts it.</summary>
    public static Command CreateSilo()
    {
        var command = new Command(SiloName, "One silo process. Started by control-plane.") { Hidden = true };
        command.SetAction((_, ct) => PlayedSilo.RunAsync(ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var repeat = parsed.GetValue(Repeat);
        if (repeat < 1) throw new BadInputException($"--repeat is {repeat}; use 1 or more.");
        var sizes = parsed.GetValue(Hosts)!.Order().ToArray();
        if (sizes[0] < 2) throw new BadInputException($"--hosts is {sizes[0]}, but a replica needs another host; use 2 or more.");
        var file = BenchmarkReport.FileOf(parsed);

        if (parsed.GetValue(Seconds) is < 1 and var seconds) throw new BadInputException($"--seconds is {seconds}; use 1 or more.");
        var part = parsed.GetValue(Part);
        var rows = ImmutableArray.CreateBuilder<BenchmarkRow>();
        if (part is not ControlPlanePart.Processes) rows.AddRange(Decisions(sizes, repeat));
        if (part is not ControlPlanePart.Decisions) rows.AddRange(await ProcessesAsync(sizes, repeat, parsed.GetValue(Seconds), ct));
        return await BenchmarkReport.PublishAsync(Console.Out, file, repeat, rows.ToImmutable());
    }

    private static IEnumerable<BenchmarkRow> Decisions(int[] sizes, int repeat)
    {
        // So that all code is compiled.
        for (var warmUp = 0; warmUp < 3; warmUp++) ControlPlaneSample.Measure(sizes[0]);
        var samples = sizes.ToDictionary(hosts => hosts, _ => ImmutableArray<ControlPlaneSample>.Empty);
        for (var repetition = 0; repetition < repeat; repetition++)
        {
            foreach (var hosts in sizes) samples[hosts] = samples[hosts].Add(ControlPlaneSample.Measure(hosts));
        }

        return ControlPlaneRows.Of([.. sizes.Select(hosts => (hosts, samples[hosts]))]);
    }

    private static async Task<IEnumerable<BenchmarkRow>> ProcessesAsync(int[] sizes, int repeat, int seconds, CancellationToken ct)
    {
        var samples = ImmutableArray.CreateBuilder<ImmutableArray<ClusterSample>>();
        foreach (var hosts in sizes)
        {
            var measured = ImmutableArray.CreateBuilder<ClusterSample>();
            for (var repetition = 0; repetition < repeat; repetition++) measured.Add(await PlayedCluster.MeasureAsync(hosts, seconds, ct));
            samples.Add(measured.ToImmutable());
        }

        return ClusterRows.Of(samples.ToImmutable());
    }
}
