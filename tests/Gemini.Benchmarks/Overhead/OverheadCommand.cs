using System.Collections.Immutable;
using System.CommandLine;
using Gemini.Benchmarks.Networks;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Presets;
using Gemini.Silo.Configuration;
using static Gemini.Silo.Commands.CommandOptions;

namespace Gemini.Benchmarks.Overhead;

/// <summary>The command line of <see cref="OverheadBenchmark"/>.</summary>
internal static class OverheadCommand
{
    /// <summary>A network page keeps 128 iterations, interruptions included.</summary>
    private const int IterationsMax = 120;

    private static readonly OverheadOptions Defaults = new();

    private static readonly Option<string[]> Load = Many(
        "--load", "NAME", $"What is trained; repeatable: {string.Join(", ", OverheadLoad.All.Select(load => load.Name))}. Default: emulated.");

    private static readonly Option<string[]> Topologies = Many("--topology", "NAME", "Where the bottleneck is; repeatable: fifo, bands, switch. Default: fifo.");

    private static readonly Option<string[]> CongestionControl = Many("--cc", "NAME", "TCP's congestion control; repeatable, such as bbr. Default: cubic.");

    private static readonly Option<string[]> Modes = Many(
        "--mode", "NAME", "Compared with none; repeatable. Default: gemini, marked, naive, unpipelined and blocking.");

    private static readonly Option<bool> Whole = new("--whole") { Description = "All loads, all topologies, cubic and bbr. Takes hours." };

    private static readonly Option<bool> Quick = new("--quick") { Description = "Only gemini and blocking, once." };

    private static readonly Option<int> Hosts = Value("--hosts", "N", "Hosts that train. At least 2.", Defaults.Hosts);

    private static readonly Option<string> Model = Value("--model", "NAME", "What is trained, or gives an emulated model its size.", Defaults.Model);

    private static readonly Option<double> Scale = Value("--scale", "FACTOR", "By how much the published times are divided.", Defaults.Scale);

    private static readonly Option<int> Repeat = Value("--repeat", "COUNT", "How often all modes are run.", Defaults.Repetitions);

    private static readonly Option<int> WarmUp = Value("--warm-up", "COUNT", "Iterations of a run that are not measured.", Defaults.WarmUp);

    private static readonly Option<int> Iterations = Value("--iterations", "COUNT", $"Measured iterations of a run, at most {IterationsMax}.", Defaults.Iterations);

    public static Command Create()
    {
        var command = new Command("overhead",
            "Measures how much longer an iteration takes with checkpoints than without, in network namespaces with limited links. Needs root. "
            + "An emulated load is the real trainer with waits in place of its arithmetic, with the paper's proportions.")
        {
            Load, Topologies, CongestionControl, Modes, Whole, Quick, Hosts, Model, Scale, Repeat, WarmUp, Iterations, BenchmarkReport.Json,
        };
        command.SetAction((parsed, ct) => new OverheadBenchmark(Read(parsed), Console.Out, TimeProvider.System).RunAsync(ct));
        return command;
    }

    private static OverheadOptions Read(ParseResult parsed)
    {
        var (isWhole, isQuick) = (parsed.GetValue(Whole), parsed.GetValue(Quick));
        var options = new OverheadOptions
        {
            Loads = Chosen(Load, isWhole ? [.. OverheadLoad.All] : Defaults.Loads, LoadOf),
            Topologies = Chosen(Topologies, isWhole ? [Topology.Fifo, Topology.Bands, Topology.Switch] : Defaults.Topologies, name => Named<Topology>(name, "--topology")),
            CongestionControls = Chosen(CongestionControl, isWhole ? ["cubic", "bbr"] : Defaults.CongestionControls, name => name),
            Modes = Chosen(Modes, isQuick ? [CheckpointMode.Gemini, CheckpointMode.Blocking] : Defaults.Modes, name => Named<CheckpointMode>(name, "--mode")),
            Hosts = parsed.GetValue(Hosts),
            Model = parsed.GetRequiredValue(Model),
            Scale = parsed.GetValue(Scale),
            Repetitions = isQuick ? 1 : parsed.GetValue(Repeat),
            WarmUp = parsed.GetValue(WarmUp),
            Iterations = parsed.GetValue(Iterations),
            Json = BenchmarkReport.FileOf(parsed),
        };
        Check(options);
        return options;

        ImmutableArray<T> Chosen<T>(Option<string[]> option, ImmutableArray<T> otherwise, Func<string, T> read) =>
            parsed.GetValue(option) is { Length: > 0 } names ? [.. names.Select(read)] : otherwise;
    }

    private static void Check(OverheadOptions options)
    {
        Require(options.Hosts >= 2, "--hosts", options.Hosts, "a replica needs another host; use 2 or more");
        Require(options.Scale > 0, "--scale", options.Scale, "times are divided by a number above 0");
        Require(options.Repetitions >= 1, "--repeat", options.Repetitions, "each mode is run at least once");
        Require(options.WarmUp >= 1, "--warm-up", options.WarmUp, "the first iteration is never like the others; use 1 or more");
        Require(options.Iterations is >= 1 and <= IterationsMax, "--iterations", options.Iterations, $"a run measures 1 to {IterationsMax} of them");
        if (ModelPresets.All.All(shape => shape.Name != options.Model))
            throw new BadInputException($"--model {options.Model} is unknown; known are: {string.Join(", ", ModelPresets.All.Select(shape => shape.Name))}.");
        if (options.Modes.Contains(CheckpointMode.None)) throw new BadInputException("--mode none is always measured; leave it out.");
        foreach (var stored in options.Modes.Where(mode => !CheckpointPolicy.Of(mode).RecoversFromMemory))
            throw new BadInputException($"--mode {stored} needs storage, which overhead does not measure.");

        static void Require<T>(bool holds, string option, T value, string rule)
        {
            if (!holds) throw new BadInputException(FormattableString.Invariant($"{option} is {value}, but {rule}."));
        }
    }

    private static OverheadLoad LoadOf(string name) => OverheadLoad.All.FirstOrDefault(load => load.Name == name)
        ?? throw new BadInputException($"--load {name} is unknown; known are: {string.Join(", ", OverheadLoad.All.Select(load => load.Name))}.");

    private static T Named<T>(string name, string option)
        where T : struct, Enum => Enum.TryParse<T>(name, ignoreCase: true, out var value) && Enum.IsDefined(value)
        ? value
        : throw new BadInputException($"{option} {name} is unknown; known are: {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.");
}
