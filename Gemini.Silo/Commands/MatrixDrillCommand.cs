using System.CommandLine;
using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Demo;
using Gemini.Silo.Lab.Matrix;
using static Gemini.Silo.Commands.CommandOptions;

namespace Gemini.Silo.Commands;

/// <summary><c>gemini drill matrix</c>: every kind of failure at every moment.</summary>
internal static class MatrixDrillCommand
{
    private static readonly Option<string[]> Shape = Many(
        "--shape", "N,M", $"Hosts and replicas; repeatable. Default: {string.Join(" ", DrillShape.All)}.");

    private static readonly Option<string[]> What = Many(
        "--what", "NAME", $"What is killed; repeatable. Default: all of {string.Join(", ", Enum.GetValues<DrillTarget>().Select(DrillNames.Of))}.");

    private static readonly Option<string[]> When = Many(
        "--when", "NAME",
        $"At which moment, of training or of a recovery; repeatable. Default: all of {string.Join(", ", Enum.GetValues<DrillTime>().Select(DrillNames.Of))}.");

    private static readonly Option<bool> OnlyWithStorage = new("--with-storage-only")
    {
        Description = "Leave out the cases without storage. They end in a refusal, and each needs a new cluster.",
    };

    private static readonly Option<CheckpointMode> Mode = CommandOptions.Mode();

    private static readonly Option<long> Seed = Value(
        "--seed", "NUMBER", "Seed of the choice among hosts that are equal for a case, and of the training.", 1L);

    private static readonly Option<string?> Report = CommandOptions.Report();

    private static readonly Option<string> Memory = CommandOptions.Memory();

    public static Command Create(TextWriter output)
    {
        var command = new Command("matrix",
            "Kills trainers, silos, hosts, pairs, all hosts, the root agent's host, the standby and the Redis server, each at every moment of an "
            + "iteration and of a recovery. Checks that the job continues with the state of an uninterrupted run, or rightly refuses to continue. "
            + "Exit code 0 only then. One case: --shape 4,2 --what host --when fetch")
        {
            Shape, What, When, OnlyWithStorage, Mode, Seed, Report, Memory,
        };
        command.SetAction((parsed, ct) => new DrillMatrix(Read(parsed), output, TimeProvider.System).RunAsync(ct));
        return command;
    }

    private static MatrixOptions Read(ParseResult parsed)
    {
        var all = new MatrixOptions();
        var options = new MatrixOptions
        {
            Shapes = parsed.GetRequiredValue(Shape) is { Length: > 0 } shapes ? [.. shapes.Select(DrillShape.Parse)] : all.Shapes,
            Targets = parsed.GetRequiredValue(What) is { Length: > 0 } targets ? [.. targets.Select(DrillNames.Target)] : all.Targets,
            Times = parsed.GetRequiredValue(When) is { Length: > 0 } times ? [.. times.Select(DrillNames.Time)] : all.Times,
            OnlyWithStorage = parsed.GetValue(OnlyWithStorage),
            Report = parsed.GetValue(Report),
            Cluster = new DrillOptions
            {
                Mode = OfDrill(parsed.GetValue(Mode)),
                Seed = parsed.GetValue(Seed),
                MemoryRoot = Path.GetFullPath(parsed.GetRequiredValue(Memory)),
            },
        };
        foreach (var shape in options.Shapes) DemoPreflight.Check(options.Cluster.ToDemo(shape, null) with { Report = options.Report });
        return options;
    }
}
