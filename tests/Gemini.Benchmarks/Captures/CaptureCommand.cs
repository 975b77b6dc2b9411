using System.Collections.Immutable;
using System.CommandLine;
using Gemini.Silo.Configuration;
using static Gemini.Silo.Commands.CommandOptions;

namespace Gemini.Benchmarks.Captures;

/// <summary><c>capture</c>: how fast a trainer copies its shard to host memory, hashes included, compared with copying alone.</summary>
internal static class CaptureCommand
{
    internal const int DefaultSaves = 10;

    private static readonly int[] DefaultSizes = [16, 64, 256, 1024];

    private static readonly Option<int[]> Sizes = new("--size")
    {
        Description = $"Size of the shard in MiB; repeatable. Default: {string.Join(", ", DefaultSizes)}.",
        HelpName = "MIB",
        DefaultValueFactory = _ => DefaultSizes,
    };

    private static readonly Option<int> Saves = Value("--saves", "COUNT", "Saves of each process. At least 2.", DefaultSaves);

    private static readonly Option<int> Repeat = Value("--repeat", "COUNT", "How many processes measure each size.", 5);

    private const string TrainerName = "capture-trainer";

    public static Command Create()
    {
        var command = new Command("capture", "Measures how fast a shard is copied to host memory and hashed, and compares it with copying alone.")
        {
            Sizes, Saves, Repeat, MeasuringProcess.Memory, BenchmarkReport.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>The process that measures. This program starts it.</summary>
    public static Command CreateTrainer() => MeasuringProcess.Create(
        TrainerName, [Saves],
        parsed => new CaptureTrainer(parsed.GetRequiredValue(MeasuringProcess.Folder), parsed.GetValue(MeasuringProcess.Bytes)).MeasureAsync(parsed.GetValue(Saves)));

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var (saves, repeat) = (parsed.GetValue(Saves), parsed.GetValue(Repeat));
        if (saves < 2) throw new BadInputException($"--saves is {saves}, but the first save is compared with later ones; use 2 or more.");
        if (repeat < 1) throw new BadInputException($"--repeat is {repeat}; use 1 or more.");
        var sizes = parsed.GetValue(Sizes)!;
        if (sizes.Min() is < 1 and var least) throw new BadInputException($"--size is {least} MiB; use 1 or more.");
        var file = BenchmarkReport.FileOf(parsed);
        var rows = ImmutableArray.CreateBuilder<BenchmarkRow>();
        foreach (var size in sizes)
        {
            var samples = ImmutableArray.CreateBuilder<CaptureSample>();
            for (var repetition = 0; repetition < repeat; repetition++)
                samples.Add(await MeasuringProcess.RunAsync<CaptureSample>(parsed, TrainerName, (long)size << 20, [Saves.Name, $"{saves}"], [], ct));
            rows.AddRange(CaptureRows.Of((long)size << 20, samples.ToImmutable()));
        }

        return await BenchmarkReport.PublishAsync(Console.Out, file, repeat, rows.ToImmutable());
    }
}
