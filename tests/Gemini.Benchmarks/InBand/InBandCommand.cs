using System.CommandLine;
using Gemini.Benchmarks.Transfers;
using static Gemini.Benchmarks.BenchmarkReport;
using static Gemini.Benchmarks.MeasuringProcess;
using static Gemini.Benchmarks.Transfers.TransferCommand;

namespace Gemini.Benchmarks.InBand;

/// <summary><c>in-band</c>: how fast a shard goes through Orleans, as arguments of calls, compared with the data port.</summary>
internal static class InBandCommand
{
    internal const int DefaultSize = 256;

    private const string OwnerName = "in-band-owner";

    private static readonly Option<int[]> Sizes = Counts("--size", "MIB", "Size of the shard in MiB", DefaultSize);

    private static readonly Option<int> Port = new("--port");

    public static Command Create()
    {
        var command = new Command("in-band", "Measures how fast a shard goes through grain calls, and how much faster the data port is.")
        {
            Sizes, TransferCount, Repeat, Memory, Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>The process that measures.</summary>
    public static Command CreateOwner() => MeasuringProcess.Create(
        OwnerName, [TransferCount], parsed => InBandSilo.MeasureAsync(parsed.GetValue(Bytes), parsed.GetValue(TransferCount)));

    /// <summary>The other silo. The process that measures starts it.</summary>
    public static Command CreatePeer()
    {
        var command = new Command(InBandSilo.PeerName, "The other silo of in-band.") { Port };
        command.Hidden = true;
        command.SetAction((parsed, _) => InBandSilo.RunPeerAsync(parsed.GetValue(Port)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        Check(parsed, Sizes);
        var rows = new List<BenchmarkRow>();
        foreach (var size in parsed.GetValue(Sizes)!)
        {
            var samples = new List<(double InBand, double DataPort)>();
            for (var repetition = 0; repetition < parsed.GetValue(Repeat); repetition++)
            {
                var inBand = await SampleAsync<InBandSample>(parsed, OwnerName, (long)size << 20, [], ct);
                var dataPort = await SampleAsync<ReplicateSample>(
                    parsed, ReplicateCommand.OwnerName, (long)size << 20, ["--streams", "1", "--peers", "1"], ct);
                samples.Add((TransferRows.Later(inBand.Transfers), TransferRows.Later(dataPort.Transfers)));
            }

            var name = $"in-band/{size} MiB";
            rows.Add(BenchmarkRow.Of(name, "rate", "GB/s", samples, sample => sample.InBand));
            rows.Add(BenchmarkRow.Of(name, "dataPort", "GB/s", samples, sample => sample.DataPort));
            rows.Add(BenchmarkRow.Of(name, "factor", "", samples, sample => sample.DataPort / sample.InBand));
        }

        return await ReportAsync(parsed, rows);
    }
}
