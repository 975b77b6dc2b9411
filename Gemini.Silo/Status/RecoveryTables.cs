using Spectre.Console;
using Spectre.Console.Rendering;

namespace Gemini.Silo.Status;

/// <summary>
/// The recoveries of a <see cref="StatusReport"/> for people: a short row for each of the newest ones. The newest one also has its reason, its
/// phases, and how every rank got its state.
/// </summary>
internal static class RecoveryTables
{
    private const int RecoveryMax = 6;
    private const int RankMax = 16;

    public static IEnumerable<IRenderable> Draw(StatusReport report)
    {
        var table = StatusScreen.NewTable("recoveries", "epoch", "failed", "total", "from", "lost", "source");
        foreach (var recovery in report.Recoveries.TakeLast(RecoveryMax))
        {
            table.AddRow(
                StatusScreen.Text($"{recovery.Epoch}"),
                $"{Failed(recovery)}[grey]{recovery.Kind}[/]",
                recovery.Running ? "[yellow]under way[/]" : StatusScreen.Text($"[bold]{recovery.TotalMs}[/] ms"),
                StatusScreen.Text($"{recovery.ResumedIteration}"),
                StatusScreen.Text($"{recovery.IterationsLost}"),
                recovery.Source + (recovery.FetchedBytes > 0 ? $", {ByteText.Of(recovery.FetchedBytes)}" : ""));
        }

        if (report.Recoveries.Length > RecoveryMax)
            table.Caption(StatusScreen.Text($"{report.Recoveries.Length - RecoveryMax} earlier ones: --json"));
        yield return table;
        if (report.Recoveries is [.., var last]) yield return Newest(last);
        if (report.Recoveries.LastOrDefault(recovery => !recovery.Ranks.IsEmpty) is { } newest) yield return Ranks(newest);
    }

    /// <summary>Empty if no host failed: the whole job was started again, or a new epoch repaired something.</summary>
    private static string Failed(StatusRecovery recovery) =>
        recovery.Hosts.IsEmpty ? "" : Markup.Escape(StatusText.List(recovery.Hosts)) + " ";

    private static Markup Newest(StatusRecovery recovery)
    {
        var phases = recovery.PhasesMs.All.Select(phase => StatusScreen.Text($"[grey]{phase.Name}[/] {phase.Milliseconds}"));
        return new Markup(
            StatusScreen.Text($"[grey]epoch {recovery.Epoch}, because[/] {Markup.Escape(recovery.Reason)}\n")
            + $"[grey]its phases, ms:[/] {string.Join(" ", phases)}"
            + (recovery.ExposedMs > 0 ? StatusScreen.Text($" [grey]exposed[/] {recovery.ExposedMs}") : ""));
    }

    private static Table Ranks(StatusRecovery recovery)
    {
        var table = StatusScreen.NewTable(
            StatusScreen.Text($"where each rank of epoch {recovery.Epoch} took its state from"), "rank", "source", "size", "fetch ms", "GB/s", "load ms");
        // If there are too many ranks, show those whose state came from storage or a peer, because a recovery waits for them.
        foreach (var rank in recovery.Ranks.OrderByDescending(rank => rank.Source == "storage").ThenByDescending(rank => rank.Source == "peer")
            .ThenBy(rank => rank.Rank).Take(RankMax).OrderBy(rank => rank.Rank))
        {
            table.AddRow(
                StatusScreen.Text($"{rank.Rank}"), Source(rank), ByteText.Of(rank.Bytes), StatusScreen.Text($"{rank.FetchMs:0.0}"),
                rank.GigabytesPerSecond is { } speed ? StatusScreen.Text($"{speed:0.00}") : "-", StatusScreen.Text($"{rank.LoadMs:0.0}"));
        }

        return recovery.Ranks.Length > RankMax ? table.Caption(StatusScreen.Text($"{recovery.Ranks.Length - RankMax} ranks more: --json")) : table;
    }

    private static string Source(StatusRestore rank) => rank.Source switch
    {
        "local" => "own memory",
        "peer" => $"memory of {Markup.Escape(rank.From ?? "a peer")}",
        "none" => "from the beginning",
        var other => other,
    };
}
