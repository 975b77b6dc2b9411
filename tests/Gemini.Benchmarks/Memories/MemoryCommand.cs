using System.CommandLine;
using Gemini.Silo.Commands;
using Gemini.Silo.Configuration;
using static Gemini.Silo.Commands.CommandOptions;

namespace Gemini.Benchmarks.Memories;

/// <summary>The command line of <see cref="MemoryBenchmark"/>.</summary>
internal static class MemoryCommand
{
    private static readonly MemoryOptions Defaults = new();

    private static readonly Option<int> Hosts = Value("--hosts", "N", "Hosts that train. At least 2.", Defaults.Hosts);

    private static readonly Option<int> State = Value("--state", "MIB", "Size of a host's state.", Defaults.StateMebibytes);

    private static readonly Option<int> Pace = Value("--pace", "MS", "The least time of an iteration.", Defaults.PaceMilliseconds);

    private static readonly Option<int> WarmUp = Value("--warm-up", "COUNT", "Saves before the first look and after the last recovery.", Defaults.WarmUpSaves);

    private static readonly Option<int> Saves = Value("--saves", "COUNT", "Saves between the first and the second look.", Defaults.Saves);

    private static readonly Option<int> Recoveries = Value(
        "--recoveries", "COUNT", "Recoveries between the second and the third look; a tenth of it before the first.", Defaults.Recoveries);

    private static readonly Option<int> Moments = Value("--moments", "COUNT", "Of how many moments a look takes the least.", Defaults.Moments);

    private static readonly Option<string?> Logs = CommandOptions.Logs();

    public static Command Create()
    {
        var command = new Command("memory", "Measures whether the processes of a host grow: over many saves, and over many recoveries.")
        {
            Hosts, State, Pace, WarmUp, Saves, Recoveries, Moments, Logs, BenchmarkReport.Json,
        };
        command.SetAction((parsed, ct) => new MemoryBenchmark(Read(parsed), Console.Out, TimeProvider.System).RunAsync(ct));
        return command;
    }

    private static MemoryOptions Read(ParseResult parsed)
    {
        var recoveries = AtLeast(Recoveries, 1);
        return new MemoryOptions
        {
            Hosts = AtLeast(Hosts, 2),
            StateMebibytes = AtLeast(State, 1),
            PaceMilliseconds = AtLeast(Pace, 1),
            WarmUpSaves = AtLeast(WarmUp, 1),
            WarmUpRecoveries = Math.Max(1, recoveries / 10),
            Saves = AtLeast(Saves, 1),
            Recoveries = recoveries,
            Moments = AtLeast(Moments, 1),
            Logs = parsed.GetValue(Logs),
            Json = BenchmarkReport.FileOf(parsed),
        };

        int AtLeast(Option<int> option, int least)
        {
            var value = parsed.GetValue(option);
            return value >= least ? value : throw new BadInputException($"{option.Name} is {value}; use {least} or more.");
        }
    }
}
