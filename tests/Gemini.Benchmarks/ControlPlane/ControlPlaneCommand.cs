using System.Collections.Immutable;
using System.CommandLine;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using static Gemini.Silo.Commands.CommandOptions;

namespace Gemini.Benchmarks.ControlPlane;

/// <summary><c>control-plane</c>: what the root agent's decisions cost, for jobs of several sizes.</summary>
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

    private static readonly Option<string?> Json = new("--json") { Description = "Write the figures as JSON.", HelpName = "FILE" };

    public static Command Create()
    {
        var command = new Command("control-plane", "Measures what the root agent's decisions cost: time and memory for each report, commit and recovery.")
        {
            Hosts, Repeat, Json,
        };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed)
    {
        var repeat = parsed.GetValue(Repeat);
        if (repeat < 1) throw new BadInputException($"--repeat is {repeat}; use 1 or more.");
        var sizes = parsed.GetValue(Hosts)!.Order().ToArray();
        if (sizes[0] < 2) throw new BadInputException($"--hosts is {sizes[0]}, but a replica needs another host; use 2 or more.");
        if (parsed.GetValue(Json) is { } file) UsablePaths.RequireWritableFile("--json", file);

        // So that all code is compiled.
        for (var warmUp = 0; warmUp < 3; warmUp++) ControlPlaneSample.Measure(sizes[0]);
        var samples = sizes.ToDictionary(hosts => hosts, _ => ImmutableArray<ControlPlaneSample>.Empty);
        for (var repetition = 0; repetition < repeat; repetition++)
        {
            foreach (var hosts in sizes) samples[hosts] = samples[hosts].Add(ControlPlaneSample.Measure(hosts));
        }

        var rows = ControlPlaneRows.Of([.. sizes.Select(hosts => (hosts, samples[hosts]))]).ToImmutableArray();
        await BenchmarkTable.WriteAsync(Console.Out, rows);
        if (parsed.GetValue(Json) is { } path) ReportFile.Write(path, new BenchmarkReport(Build.Commit, Machine.This(), repeat, rows));
        return rows.Any(row => row.Met == false) ? ExitCodes.Failed : ExitCodes.Success;
    }
}
