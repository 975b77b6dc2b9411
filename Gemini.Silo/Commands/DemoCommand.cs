using System.CommandLine;
using System.Globalization;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Presets;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Chaos;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Demo;
using static Gemini.Silo.Commands.CommandOptions;

namespace Gemini.Silo.Commands;

/// <summary><c>gemini demo</c>: a whole cluster on this machine, with failures and with the proof that the final state is right.</summary>
internal static class DemoCommand
{
    private static readonly DemoOptions Defaults = new();

    private static readonly Option<int> Hosts = Value(
        "--hosts", "N", "Hosts that train, each a set of processes on this machine. Range: 1 to 64.", Defaults.Hosts);

    private static readonly Option<int> Replicas = Value(
        "--replicas", "M",
        "Copies of every shard in host memory, including the owner's own. Range: 1 to N; 2 survives the loss of any one host.", Defaults.Replicas);

    private static readonly Option<int> Standby = Value("--standby", "S", "Standby hosts. A standby replaces a lost host.", Defaults.Standby);

    private static readonly Option<long> Iterations = Value("--iterations", "COUNT", "Training iterations; each ends with a snapshot.", Defaults.Iterations);

    private static readonly Option<long> Seed = Value("--seed", "NUMBER", "Seed of the model's initial state and of the order of the data.", Defaults.Seed);

    private static readonly Option<string> Model = Value(
        "--model", "NAME", $"What to train: {string.Join(", ", ModelPresets.All.Select(shape => $"{shape.Name} ({Millions(shape)})"))}.", Defaults.Model);

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "A text file, or a folder with text files, to train on. Without it: the .NET SDK's own reference documentation.",
        HelpName = "PATH",
    };

    private static readonly Option<string[]> Kill = Many(
        "--kill", "WHAT:HOST@ITERATION",
        "A failure in the middle of an iteration; may be repeated. trainer:HOST@ITERATION kills the host's training process; "
        + "host:HOST@ITERATION kills all processes of the host and removes its memory, as if the machine died; silo:HOST@ITERATION kills only its silo, "
        + "which is then started again. none: no failure. Example: --kill trainer:host-1@12 --kill host:host-2@24. "
        + "[default: one trainer at 30 % and one host at 60 % of the run]");

    private static readonly Option<bool> NoVerify = CommandOptions.NoVerify();

    private static readonly Option<string?> Report = CommandOptions.Report(" A picture of it: gemini chart FILE OUT.svg");

    private static readonly Option<string?> Logs = CommandOptions.Logs();

    private static readonly Option<string> Memory = CommandOptions.Memory();

    private static readonly Option<string?> Storage = new("--storage")
    {
        Description = "Also copy snapshots to this folder, in the background. The job then survives the loss of a whole group of hosts: "
            + "--kill host:host-0@20 --kill host:host-1@20. The stored snapshots stay there.",
        HelpName = "DIR",
    };

    private static readonly Option<long> PersistEvery = Value(
        "--persist-every", "COUNT", "With --storage: iterations from one stored snapshot to the next.", Defaults.PersistEvery);

    private static readonly Option<bool> Chaos = new("--chaos")
    {
        Description = "Instead, kill trainers, silos, hosts and pairs of hosts at random, also in the middle of recoveries, until there were --failures kills. "
            + "Compares every commit with an uninterrupted run. --seed chooses the kills; the default model is gpt2-nano. Needs a "
            + "standby. Accepts only these other options: --hosts, --replicas, --standby, --model, --mode, --storage, --memory, --logs and "
            + "--report.",
    };

    private static readonly Option<int> Failures = Value("--failures", "COUNT", "With --chaos: how many kills. Range: 1 or more.", 100);

    private static readonly Option<CheckpointMode> Mode = CommandOptions.Mode();

    private static readonly Option<int> Spares = Value("--spares", "S", "Warm spare processes of every trainer. Range: 0 to 4.", Defaults.Spares);

    private static readonly Option<string?> Trainer = new("--trainer")
    {
        Description = "Another program to train with. Without it: the gemini-trainer of this build.",
        HelpName = "PROGRAM",
    };

    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("demo",
            "Trains a language model on several hosts of this machine and makes some of them fail. The job recovers from memory. The demo then proves that "
            + "the final state is bit for bit that of an uninterrupted run; only then the exit code is 0. Needs only this program.")
        {
            Hosts, Replicas, Standby, Iterations, Model, Data, Seed, Kill, NoVerify, Report, Logs, Memory, Storage, PersistEvery, Mode, Spares, Trainer,
            Chaos, Failures,
        };
        command.SetAction((parsed, ct) => parsed.GetValue(Chaos)
            ? new ChaosRun(ReadChaos(parsed, output), output, TimeProvider.System).RunAsync(ct)
            : new Demo(Read(parsed, output), output, error, TimeProvider.System).RunAsync(ct));
        return command;
    }

    private static ChaosOptions ReadChaos(ParseResult parsed, TextWriter output)
    {
        var demo = Read(parsed, output);
        if (parsed.GetResult(Model) is not { Implicit: false }) demo = demo with { Model = "gpt2-nano" };
        if (parsed.GetRequiredValue(Kill).Length > 0) throw new BadInputException("--chaos chooses its own kills; leave out --kill.");
        if (demo.Standby < 1) throw new BadInputException("--standby is 0, but a soak needs a host that replaces a lost host; use 1 or more.");
        foreach (var option in (Option[])[Iterations, Data, PersistEvery, Spares, Trainer, NoVerify])
        {
            if (parsed.GetResult(option) is { Implicit: false }) throw new BadInputException($"--chaos does not accept {option.Name}; leave it out.");
        }

        var failures = parsed.GetValue(Failures);
        if (failures < 1) throw new BadInputException($"--failures is {failures}, but a soak has at least 1 failure.");
        return new ChaosOptions
        {
            Shape = new DrillShape(demo.Hosts, demo.Replicas),
            Failures = failures,
            WithStorage = demo.Storage is not null,
            Report = demo.Report,
            Cluster = new DrillOptions
            {
                Model = demo.Model,
                Mode = OfDrill(demo.Mode),
                Seed = demo.Seed,
                Standby = demo.Standby,
                MemoryRoot = demo.MemoryRoot,
                Logs = demo.Logs,
                Storage = demo.Storage,
            },
        };
    }

    private static DemoOptions Read(ParseResult parsed, TextWriter output)
    {
        var mode = parsed.GetValue(Mode);
        var keepsReplicas = CheckpointPolicy.Of(mode).RecoversFromMemory;
        var options = new DemoOptions
        {
            Hosts = parsed.GetValue(Hosts),
            Replicas = !keepsReplicas && parsed.GetResult(Replicas) is { Implicit: true } ? 1 : parsed.GetValue(Replicas),
            Standby = parsed.GetValue(Standby),
            Iterations = parsed.GetValue(Iterations),
            Model = parsed.GetRequiredValue(Model),
            Data = parsed.GetValue(Data),
            Seed = parsed.GetValue(Seed),
            Verify = !parsed.GetValue(NoVerify),
            Report = parsed.GetValue(Report),
            Logs = parsed.GetValue(Logs),
            MemoryRoot = Path.GetFullPath(parsed.GetRequiredValue(Memory)),
            Storage = parsed.GetValue(Storage) is { } storage ? Path.GetFullPath(storage) : null,
            PersistEvery = parsed.GetValue(PersistEvery),
            Mode = mode,
            Spares = parsed.GetValue(Spares),
            Trainer = parsed.GetValue(Trainer),
        };
        DemoLeftovers.Remove(options.MemoryRoot, Path.GetTempPath(), output.WriteLine);
        DemoPreflight.Check(options);
        return options with { Kills = KillSpecParser.Parse(parsed.GetRequiredValue(Kill), options.Hosts, options.Standby, options.Iterations) };
    }

    private static string Millions(ModelShape shape) => shape.ParameterCount switch
    {
        < 1_000_000 and var few => string.Create(CultureInfo.InvariantCulture, $"{few / 1e3:0} K parameters"),
        < 1_000_000_000 and var many => string.Create(CultureInfo.InvariantCulture, $"{many / 1e6:0.#} M"),
        var most => string.Create(CultureInfo.InvariantCulture, $"{most / 1e9:0.##} B"),
    };
}
