using System.Collections.Immutable;
using System.CommandLine;
using Gemini.Silo.Configuration;
using static Gemini.Benchmarks.MeasuringProcess;
using static Gemini.Silo.Commands.CommandOptions;

namespace Gemini.Benchmarks.Transfers;

/// <summary>What the commands <c>replicate</c>, <c>fetch</c> and <c>in-band</c> have in common: each measures in new processes.</summary>
internal static class TransferCommand
{
    internal const int DefaultTransfers = 5;

    public static readonly Option<int> TransferCount = Value("--transfers", "COUNT", "Transfers of each process. At least 2.", DefaultTransfers);

    public static readonly Option<int> Repeat = Value("--repeat", "COUNT", "How many processes measure each case, one after the other.", 2);

    /// <summary>The runtime compiles as in a silo; see Directory.Build.props. Peers inherit it.</summary>
    private static readonly (string Name, string Value)[] Runtime = [("DOTNET_TC_QuickJitForLoops", "0"), ("DOTNET_TC_CallCountThreshold", "3E8")];

    private static readonly Option<string> Name = new("--name") { Required = true };

    private static readonly Option<int> FirstRank = new("--first-rank");

    private static readonly Option<int> Shards = new("--shards");

    private static readonly Option<bool> IsSource = new("--is-source");

    /// <summary>The other side of a transfer. The process that measures starts it.</summary>
    public static Command CreatePeer()
    {
        var command = new Command("transfer-peer", "The other side of a transfer.") { Bytes, Folder, Name, FirstRank, Shards, IsSource };
        command.Hidden = true;
        command.SetAction((parsed, _) => TransferPeer.RunAsync(
            parsed.GetRequiredValue(Folder), parsed.GetRequiredValue(Name), parsed.GetValue(Bytes), parsed.GetValue(FirstRank),
            parsed.GetValue(Shards), parsed.GetValue(IsSource)));
        return command;
    }

    public static string[] PeerArguments(string folder, string name, long bytes, int firstRank, int shards, bool isSource) =>
    [
        "--folder", folder, "--name", name, "--bytes", $"{bytes}", "--first-rank", $"{firstRank}", "--shards", $"{shards}", "--is-source", $"{isSource}",
    ];

    /// <summary>An option with several counts.</summary>
    public static Option<int[]> Counts(string name, string helpName, string description, params int[] defaults) => new(name)
    {
        Description = $"{description}; repeatable. Default: {string.Join(", ", defaults)}.",
        HelpName = helpName,
        DefaultValueFactory = _ => defaults,
    };

    /// <summary>Refuses what cannot be measured.</summary>
    /// <exception cref="BadInputException">A count is too small, or the report cannot be written.</exception>
    public static void Check(ParseResult parsed, params Option<int[]>[] counts)
    {
        var (transfers, repeat) = (parsed.GetValue(TransferCount), parsed.GetValue(Repeat));
        if (transfers < 2) throw new BadInputException($"--transfers is {transfers}, but the first one is compared with later ones; use 2 or more.");
        if (repeat < 1) throw new BadInputException($"--repeat is {repeat}; use 1 or more.");
        foreach (var option in counts)
        {
            if (parsed.GetValue(option)!.Min() is < 1 and var least) throw new BadInputException($"{option.Name} is {least}; use 1 or more.");
        }

        BenchmarkReport.FileOf(parsed);
    }

    /// <summary>What several new processes measured, one after the other.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="command">Made by <see cref="MeasuringProcess.Create"/>.</param>
    /// <param name="bytes">What is transferred.</param>
    /// <param name="arguments">Further arguments.</param>
    /// <param name="ct">Ends the processes.</param>
    public static async Task<ImmutableArray<T>> RepeatAsync<T>(ParseResult parsed, string command, long bytes, string[] arguments, CancellationToken ct)
    {
        var samples = ImmutableArray.CreateBuilder<T>();
        for (var repetition = 0; repetition < parsed.GetValue(Repeat); repetition++) samples.Add(await SampleAsync<T>(parsed, command, bytes, arguments, ct));
        return samples.ToImmutable();
    }

    /// <summary>What one new process measured. The arguments are as for <see cref="RepeatAsync"/>.</summary>
    public static Task<T> SampleAsync<T>(ParseResult parsed, string command, long bytes, string[] arguments, CancellationToken ct) =>
        MeasuringProcess.RunAsync<T>(parsed, command, bytes, [TransferCount.Name, $"{parsed.GetValue(TransferCount)}", .. arguments], Runtime, ct);

    /// <summary>Prints and writes the figures. Returns the exit code.</summary>
    public static Task<int> ReportAsync(ParseResult parsed, IReadOnlyList<BenchmarkRow> rows) =>
        BenchmarkReport.PublishAsync(Console.Out, BenchmarkReport.FileOf(parsed), parsed.GetValue(Repeat), [.. rows]);
}
