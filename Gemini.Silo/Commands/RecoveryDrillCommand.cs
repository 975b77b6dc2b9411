using System.CommandLine;
using Gemini.Interfaces.Presets;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Demo;
using Gemini.Silo.Lab.Recovery;
using static Gemini.Silo.Commands.CommandOptions;

namespace Gemini.Silo.Commands;

/// <summary><c>gemini drill recovery</c>: how long a recovery takes, over several failures.</summary>
internal static class RecoveryDrillCommand
{
    private const int RepeatMax = 40;

    private const int SparesMax = 4;

    private static readonly RecoveryDrillOptions Defaults = new();

    private static readonly Option<int> Repeat = Value("--repeat", "K", $"Failures of each kind. Range: 1 to {RepeatMax}.", Defaults.Repeat);

    private static readonly Option<int> Hosts = Value("--hosts", "N", "Hosts that train; one standby beside them. Range: 2 to 64.", Defaults.Hosts);

    private static readonly Option<int> Spares = Value(
        "--spares", "S", $"Warm spare processes of every trainer. Range: 0 to {SparesMax}; 0 shows what they save.", Defaults.Spares);

    private static readonly Option<string> Model = Value(
        "--model", "NAME", $"What to train: {string.Join(", ", ModelPresets.All.Select(shape => shape.Name))}.", Defaults.Model);

    private static readonly Option<bool> NoVerify = CommandOptions.NoVerify();

    private static readonly Option<string?> Report = CommandOptions.Report();

    private static readonly Option<string?> Logs = CommandOptions.Logs();

    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("recovery",
            "Measures recoveries: kills K trainers and then K hosts with their memory, each when the pool is whole again, and shows the median of "
            + "every phase from the kill to the end of the first new iteration. Example: gemini drill recovery --repeat 10 --report recovery.json")
        {
            Repeat, Hosts, Spares, Model, NoVerify, Report, Logs,
        };
        command.SetAction((parsed, ct) => new RecoveryDrill(Read(parsed), output, error, TimeProvider.System).RunAsync(ct));
        return command;
    }

    private static RecoveryDrillOptions Read(ParseResult parsed)
    {
        var options = new RecoveryDrillOptions
        {
            Repeat = parsed.GetValue(Repeat),
            Hosts = parsed.GetValue(Hosts),
            Spares = parsed.GetValue(Spares),
            Model = parsed.GetRequiredValue(Model),
            Verify = !parsed.GetValue(NoVerify),
            Report = parsed.GetValue(Report),
            Logs = parsed.GetValue(Logs),
        };
        if (options.Repeat is < 1 or > RepeatMax)
            throw new BadInputException($"--repeat is {options.Repeat}, but 1 to {RepeatMax} failures of each kind are measured.");
        if (options.Hosts < 2)
            throw new BadInputException($"--hosts is {options.Hosts}, but a host that dies needs another one that holds its shard; use 2 or more.");
        if (options.Spares is < 0 or > SparesMax)
            throw new BadInputException($"--spares is {options.Spares}, but a trainer has 0 to {SparesMax} spares.");
        DemoPreflight.Check(options.ToDemo());
        return options;
    }
}
