using System.CommandLine;
using static Gemini.Benchmarks.BenchmarkReport;
using static Gemini.Benchmarks.MeasuringProcess;
using static Gemini.Benchmarks.Transfers.TransferCommand;

namespace Gemini.Benchmarks.Transfers;

/// <summary><c>replicate</c>: how fast a shard comes to its peers, hashed and verified, compared with a raw socket.</summary>
internal static class ReplicateCommand
{
    internal static readonly int[] DefaultSizes = [16, 64, 256, 1024];

    internal const string OwnerName = "replicate-owner";

    private static readonly Option<int[]> Sizes = Counts("--size", "MIB", "What each peer gets, in MiB", DefaultSizes);

    private static readonly Option<int[]> Streams = Counts("--streams", "COUNT", "In how many shards, each with a connection of its own", 1, 2);

    private static readonly Option<int[]> Peers = Counts("--peers", "COUNT", "How many peers get a replica, one less than m", 1, 2);

    private static readonly Option<int> StreamCount = new("--streams");

    private static readonly Option<int> PeerCount = new("--peers");

    public static Command Create()
    {
        var command = new Command("replicate", "Measures how fast a shard is sent to peers and verified there, and compares it with a raw socket.")
        {
            Sizes, Streams, Peers, TransferCount, Repeat, Memory, Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>The process that measures.</summary>
    public static Command CreateOwner() => MeasuringProcess.Create(
        OwnerName, [TransferCount, StreamCount, PeerCount],
        parsed => new ReplicateOwner(parsed.GetRequiredValue(Folder), parsed.GetValue(Bytes), parsed.GetValue(StreamCount), parsed.GetValue(PeerCount))
            .MeasureAsync(parsed.GetValue(TransferCount)));

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        Check(parsed, Sizes, Streams, Peers);
        var rows = new List<BenchmarkRow>();
        foreach (var (size, peers, streams) in
            from size in parsed.GetValue(Sizes)! from peers in parsed.GetValue(Peers)! from streams in parsed.GetValue(Streams)! select (size, peers, streams))
        {
            var bytes = (long)size << 20;
            var samples = await RepeatAsync<ReplicateSample>(parsed, OwnerName, bytes, ["--streams", $"{streams}", "--peers", $"{peers}"], ct);
            rows.AddRange(TransferRows.OfReplicate($"replicate/{size} MiB m={peers + 1} x{streams}", bytes, samples));
        }

        return await ReportAsync(parsed, rows);
    }
}
