using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
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

    private static readonly Option<string> Memory = Value("--memory", "DIR", "Folder on a tmpfs for the slots.", Path.GetDirectoryName(HostPaths.DefaultRoot)!);

    private static readonly Option<string?> Json = new("--json") { Description = "Write the figures as JSON.", HelpName = "FILE" };

    private static readonly Option<long> Bytes = new("--bytes");

    private static readonly Option<string> Folder = new("--folder") { Required = true };

    public static Command Create()
    {
        var command = new Command("capture", "Measures how fast a shard is copied to host memory and hashed, and compares it with copying alone.")
        {
            Sizes, Saves, Repeat, Memory, Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>The process that measures. This program starts it.</summary>
    public static Command CreateTrainer()
    {
        var command = new Command("capture-trainer", "Measures one size once. Started by capture.") { Bytes, Folder, Saves };
        command.Hidden = true;
        command.SetAction(async (parsed, _) =>
        {
            var sample = await new CaptureTrainer(parsed.GetRequiredValue(Folder), parsed.GetValue(Bytes)).MeasureAsync(parsed.GetValue(Saves));
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(sample));
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var (saves, repeat) = (parsed.GetValue(Saves), parsed.GetValue(Repeat));
        if (saves < 2) throw new BadInputException($"--saves is {saves}, but the first save is compared with later ones; use 2 or more.");
        if (repeat < 1) throw new BadInputException($"--repeat is {repeat}; use 1 or more.");
        var sizes = parsed.GetValue(Sizes)!;
        if (sizes.Min() is < 1 and var least) throw new BadInputException($"--size is {least} MiB; use 1 or more.");
        if (parsed.GetValue(Json) is { } file) UsablePaths.RequireWritableFile("--json", file);
        var rows = ImmutableArray.CreateBuilder<BenchmarkRow>();
        foreach (var size in sizes)
        {
            var samples = ImmutableArray.CreateBuilder<CaptureSample>();
            for (var repetition = 0; repetition < repeat; repetition++)
                samples.Add(await MeasureAsync((long)size << 20, saves, parsed.GetRequiredValue(Memory), ct));
            rows.AddRange(CaptureRows.Of((long)size << 20, samples.ToImmutable()));
        }

        await BenchmarkTable.WriteAsync(Console.Out, rows);
        if (parsed.GetValue(Json) is { } path) ReportFile.Write(path, new BenchmarkReport(Build.Commit, Machine.This(), repeat, rows.ToImmutable()));
        return rows.Any(row => row.Met == false) ? ExitCodes.Failed : ExitCodes.Success;
    }

    private static async Task<CaptureSample> MeasureAsync(long bytes, int saves, string memory, CancellationToken ct)
    {
        var folder = Directory.CreateDirectory(
            Path.Combine(memory, $"gemini-capture-{Environment.ProcessId}"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            string[] arguments = ["capture-trainer", "--bytes", $"{bytes}", "--folder", folder.FullName, "--saves", $"{saves}"];
            using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true })!;
            await using var killed = ct.Register(() => process.Kill());
            var output = await process.StandardOutput.ReadToEndAsync(ct);
            await process.WaitForExitAsync(ct);
            if (process.ExitCode != 0) throw new LabException($"the process that measures {bytes} bytes ended with exit code {process.ExitCode}");
            return JsonSerializer.Deserialize<CaptureSample>(output)!;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
