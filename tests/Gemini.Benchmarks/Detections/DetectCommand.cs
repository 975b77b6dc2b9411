using System.Collections.Immutable;
using System.CommandLine;
using Gemini.Silo.Commands;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Detection;
using static Gemini.Silo.Commands.CommandOptions;

namespace Gemini.Benchmarks.Detections;

/// <summary><c>detect</c>: how soon after a kill the root agent has decided. The figures of the detection drill.</summary>
internal static class DetectCommand
{
    private static readonly ImmutableArray<Fault> Kills = [Fault.KillTrainer, Fault.KillSilo, Fault.KillHost];

    internal static readonly DetectionOptions Defaults = new() { Repetitions = 10 };

    private static readonly Option<int> Hosts = Value("--hosts", "N", "Hosts that train; one standby is added. Range: 3 to 64.", Defaults.Hosts);

    private static readonly Option<int> Repeat = Value("--repeat", "COUNT", "How often each is killed. At least 1.", Defaults.Repetitions);

    private static readonly Option<string?> Logs = CommandOptions.Logs();

    public static Command Create()
    {
        var command = new Command("detect", "Kills trainers, silos and hosts, and measures the time from each kill to the root agent's decision.")
        {
            Hosts, Repeat, Logs, BenchmarkReport.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var (hosts, repeat) = (parsed.GetValue(Hosts), parsed.GetValue(Repeat));
        if (hosts is < 3 or > 64) throw new BadInputException($"--hosts is {hosts}; use 3 to 64.");
        if (repeat < 1) throw new BadInputException($"--repeat is {repeat}; use 1 or more.");
        var file = BenchmarkReport.FileOf(parsed);
        var options = Defaults with { Hosts = hosts, Repetitions = repeat, Faults = Kills, Logs = parsed.GetValue(Logs) };
        var results = await new DetectDrill(options, Console.Out, Console.Error, TimeProvider.System).MeasureAsync(ct);
        return await BenchmarkReport.PublishAsync(Console.Out, file, repeat, [.. results.Select(RowOf)]);
    }

    /// <summary>The median, compared with what the drill promises.</summary>
    private static BenchmarkRow RowOf(FaultResult result)
    {
        var row = BenchmarkRow.Of($"detect/{result.Fault}", "decided", "ms", result.VerdictsMs, verdict => verdict);
        return row with { Target = result.LimitMs, Met = row.Value <= result.LimitMs };
    }
}
