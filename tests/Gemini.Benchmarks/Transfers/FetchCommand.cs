using System.CommandLine;
using static Gemini.Benchmarks.BenchmarkReport;
using static Gemini.Benchmarks.MeasuringProcess;
using static Gemini.Benchmarks.Transfers.TransferCommand;

namespace Gemini.Benchmarks.Transfers;

/// <summary><c>fetch</c>: how fast a replacement gets its shards from peers, until its trainers' tensors hold them.</summary>
internal static class FetchCommand
{
    internal const int DefaultSize = 1024;

    private const string TargetName = "fetch-target";

    private static readonly Option<int[]> Sizes = Counts("--size", "MIB", "What is fetched, in MiB. A fetch needs seven times as much memory", DefaultSize);

    private static readonly Option<int[]> Sources = Counts("--sources", "COUNT", "From how many peers at once, each part from another", 1, 2);

    private static readonly Option<int> SourceCount = new("--sources");

    public static Command Create()
    {
        var command = new Command("fetch", "Measures how fast a replacement fetches and loads its shards, and compares it with a raw socket and memcpy.")
        {
            Sizes, Sources, TransferCount, Repeat, Memory, Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>The process that measures.</summary>
    public static Command CreateTarget() => MeasuringProcess.Create(
        TargetName, [TransferCount, SourceCount],
        parsed => new FetchTarget(parsed.GetRequiredValue(Folder), parsed.GetValue(Bytes), parsed.GetValue(SourceCount))
            .MeasureAsync(parsed.GetValue(TransferCount)));

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        Check(parsed, Sizes, Sources);
        var rows = new List<BenchmarkRow>();
        foreach (var (size, sources) in from size in parsed.GetValue(Sizes)! from sources in parsed.GetValue(Sources)! select (size, sources))
        {
            var samples = await RepeatAsync<FetchSample>(parsed, TargetName, (long)size << 20, ["--sources", $"{sources}"], ct);
            rows.AddRange(TransferRows.OfFetch($"fetch/{size} MiB from {sources}", samples));
        }

        return await ReportAsync(parsed, rows);
    }
}
