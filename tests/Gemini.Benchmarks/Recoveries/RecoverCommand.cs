using System.CommandLine;
using Gemini.Silo.Commands;
using Gemini.Silo.Configuration;
using static Gemini.Silo.Commands.CommandOptions;

namespace Gemini.Benchmarks.Recoveries;

/// <summary>The command line of <see cref="RecoverBenchmark"/>.</summary>
internal static class RecoverCommand
{
    /// <summary>The record of a job keeps the time lines of 100 recoveries.</summary>
    private const int RepeatMax = 40;

    private static readonly RecoverOptions Defaults = new();

    private static readonly Option<int> Hosts = Value("--hosts", "N", "Hosts that train; one standby beside them. At least 2.", Defaults.Hosts);

    private static readonly Option<string> Model = Value("--model", "NAME", "What they train.", Defaults.Model);

    private static readonly Option<int> Repeat = Value("--repeat", "COUNT", $"Failures of each kind. Range: 1 to {RepeatMax}.", Defaults.Repetitions);

    private static readonly Option<int> State = Value(
        "--state", "MIB", "Size of a host's large state, compared with a small one. 0: not measured.", Defaults.StateMebibytes);

    private static readonly Option<int> StateHosts = Value(
        "--state-hosts", "N", "Hosts with such a state. Each needs its size four times on the tmpfs and three times elsewhere.", Defaults.StateHosts);

    private static readonly Option<int> StatePace = Value("--state-pace", "MS", "How long their iterations take.", Defaults.StatePaceMilliseconds);

    private static readonly Option<int> StateRepeat = Value("--state-repeat", "COUNT", "Failures of each kind with each state.", Defaults.StateRepetitions);

    private static readonly Option<string?> Logs = CommandOptions.Logs();

    public static Command Create()
    {
        var command = new Command("recover",
            "Kills trainers and hosts of a job, and measures each phase of the recoveries. Then compares recoveries of a large and of a small state.")
        {
            Hosts, Model, Repeat, State, StateHosts, StatePace, StateRepeat, Logs, BenchmarkReport.Json,
        };
        command.SetAction((parsed, ct) => new RecoverBenchmark(Read(parsed), Console.Out, TimeProvider.System).RunAsync(ct));
        return command;
    }

    private static RecoverOptions Read(ParseResult parsed)
    {
        return new RecoverOptions
        {
            Hosts = InRange(Hosts, 2, 64),
            Model = parsed.GetRequiredValue(Model),
            Repetitions = InRange(Repeat, 1, RepeatMax),
            StateMebibytes = InRange(State, 0, 1 << 20),
            StateHosts = InRange(StateHosts, 2, 64),
            StatePaceMilliseconds = InRange(StatePace, 1, 1_000_000),
            StateRepetitions = InRange(StateRepeat, 1, RepeatMax),
            Logs = parsed.GetValue(Logs),
            Json = BenchmarkReport.FileOf(parsed),
        };

        int InRange(Option<int> option, int least, int most)
        {
            var value = parsed.GetValue(option);
            return value >= least && value <= most ? value : throw new BadInputException($"{option.Name} is {value}; use {least} to {most}.");
        }
    }
}
