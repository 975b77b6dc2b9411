using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Gemini.Silo.Status;

/// <summary>Draws a <see cref="StatusReport"/> for people: first the verdict, then the facts behind it, then the recoveries. Pure.</summary>
internal static class StatusScreen
{
    /// <summary>A person does not read more rows. Rows with a problem come first.</summary>
    private const int RowMax = 32;

    /// <summary>What a person asks first, in one line without colours.</summary>
    public static string Brief(StatusReport report)
    {
        var at = report.Iterations;
        return Text($"{report.Job}: {report.Verdict}: {report.VerdictReason}; {report.Phase}, trained {Number(at.Trained)}")
            + Text($", captured {Number(at.Captured)}, committed {Number(at.Committed)} ({Number(at.CommittedLag)} behind)")
            + Text($", persisted {Number(at.Persisted)}, epoch {report.Epoch}");
    }

    public static IRenderable Draw(StatusReport report)
    {
        List<IRenderable> parts = [Title(report), Facts(report)];
        parts.AddRange(report.Warnings.Select(warning => new Markup($"[yellow]! {Markup.Escape(warning)}[/]")));
        if (!report.Shards.IsEmpty) parts.Add(Shards(report));
        if (!report.Hosts.IsEmpty) parts.Add(Hosts(report));
        if (!report.Risk.IsEmpty) parts.Add(Risk(report));
        if (!report.Recoveries.IsEmpty) parts.AddRange(RecoveryTables.Draw(report));
        return new Rows(parts);
    }

    internal static Table NewTable(string title, params ReadOnlySpan<string> headers)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey).Title($"[bold]{title}[/]");
        table.Title!.Style = Style.Plain;
        foreach (var header in headers) table.AddColumn(new TableColumn($"[grey]{header}[/]"));
        return table;
    }

    internal static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static Rows Title(StatusReport report)
    {
        var colour = report.Verdict switch { "safe" => "green", "failed" => "red", _ => "yellow" };
        var rule = new Rule($"[bold]{Markup.Escape(report.Job)}[/]  {report.Phase}  [bold {colour}]{report.Verdict}[/]") { Justification = Justify.Left };
        return new Rows(rule, new Markup($"[{colour}]{report.Verdict}[/]: {Markup.Escape(report.VerdictReason)}"));
    }

    private static Grid Facts(StatusReport report)
    {
        var at = report.Iterations;
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        void Add(string name, string value) => grid.AddRow(new Markup($"[grey]{name}[/]"), new Markup(value));
        Add("iteration", Text($"trained [bold]{Number(at.Trained)}[/]{(at.Total > 0 ? $" of {at.Total}" : "")}  ")
            + Text($"captured [bold]{Number(at.Captured)}[/]  ")
            + Text($"committed [bold]{Number(at.Committed)}[/] ({Number(at.CommittedLag)} behind, at most {at.CommittedLagMax})")
            + (at.Persisted is { } persisted ? Text($"  persisted [bold]{persisted}[/]") : "  persisted: no storage configured"));
        Add("speed", at.IterationMsMedian > 0 ? Text($"{at.IterationMsMedian:0.#} ms an iteration (median)") : "–");
        Add("exposed", Exposed(report.Redundancy));
        Add("job", Text($"{report.HostCount} hosts, {report.RanksPerHost} rank{(report.RanksPerHost == 1 ? "" : "s")} each, {report.Replicas} ")
            + $"cop{(report.Replicas == 1 ? "y" : "ies")} of every shard, {report.Placement} placement"
            + (report.Domains.IsEmpty ? "" : $", kept apart by {Markup.Escape(string.Join(", then ", report.Domains))}"));
        if (Paths(report) is { Length: > 0 } paths) Add("paths", paths);
        if (TrafficText.Of(report) is { Length: > 0 } cost) Add("cost", Markup.Escape(cost));
        Add("epoch", Text($"{report.Epoch}, root agent on {Markup.Escape(report.RootHost ?? "no host yet")}"));
        if (report.PhaseReason.Length > 0 && report.PhaseReason != report.VerdictReason) Add("phase", Markup.Escape(report.PhaseReason));
        return grid;
    }

    /// <summary>How the network treats replicas; empty if nothing was measured.</summary>
    private static string Paths(StatusReport report)
    {
        var paths = report.Hosts.SelectMany(host => host.Paths).ToList();
        if (paths.Count == 0) return "";
        var classed = paths.Count(path => path.Classed);
        return Text($"{paths.Count} measured; {classed} with a class for background traffic, on which replicas are sent at once");
    }

    private static string Exposed(StatusRedundancy redundancy)
    {
        // With one copy the job is always exposed, so no exposed time is measured.
        var time = redundancy.ExposedMs == 0
            ? ""
            : Text($"{redundancy.ExposedMs / 1000.0:0.0} s in total, longest {redundancy.LongestExposedMs / 1000.0:0.0} s");
        if (!redundancy.Exposed) return time.Length > 0 ? time : "never yet";
        return "[yellow]now: one more loss may cost the snapshot in memory[/]" + (time.Length > 0 ? $" ({time})" : "");
    }

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "–";

    private static Table Shards(StatusReport report)
    {
        var table = NewTable(
            Text($"committed snapshot: iteration {report.Iterations.Committed}, captured in epoch {report.Iterations.CommittedEpoch}"),
            "rank", "host", "copies in the memory of", "missing", "size", "hash");
        var shown = report.Shards.OrderBy(shard => shard.Copies.Length).ThenBy(shard => shard.Rank).Take(RowMax);
        foreach (var shard in shown.OrderBy(shard => shard.Rank))
        {
            var colour = shard.Copies.Length >= shard.CopiesWanted ? "green" : shard.Copies.IsEmpty ? "red" : "yellow";
            var copies = shard.Copies.Select(copy =>
                Markup.Escape(copy.Host) + (copy.Domain.Length > 0 ? $" [grey]{Markup.Escape(copy.Domain)}[/]" : ""));
            table.AddRow(
                Text($"{shard.Rank}"), Markup.Escape(shard.Host ?? "-"),
                Text($"[{colour}]{shard.Copies.Length}/{shard.CopiesWanted}[/] ") + string.Join(", ", copies),
                shard.Missing.IsEmpty ? "" : $"[{colour}]{Markup.Escape(string.Join(", ", shard.Missing))}[/]",
                ByteText.Of(shard.PayloadBytes), $"[grey]{shard.Hash}[/]");
        }

        return WithRest(table, report.Shards.Length, "ranks");
    }

    private static Table Hosts(StatusReport report)
    {
        var table = NewTable("hosts", "host", "position", "state", "stands in", "memory", "ranks (pid)", "silo pid");
        var shown = report.Hosts.OrderBy(host => host.State != "lost").Take(RowMax);
        foreach (var host in shown.OrderBy(host => host.Position ?? int.MaxValue).ThenBy(host => host.Name))
        {
            var colour = host.State switch
            {
                "lost" or "exited" or "interrupted" => "red",
                "training" or "finished" => "green",
                "standby" => "grey",
                _ => "yellow",
            };
            table.AddRow(
                Markup.Escape(host.Name), host.Position?.ToString(CultureInfo.InvariantCulture) ?? "-", $"[{colour}]{host.State}[/]",
                Markup.Escape(host.Domain),
                host.NeededBytes > host.MemoryBytes ? $"{ByteText.Of(host.MemoryBytes)} of {ByteText.Of(host.NeededBytes)}" : ByteText.Of(host.MemoryBytes),
                string.Join(", ", host.Trainers.Where(trainer => trainer.Rank is not null)
                    .Select(trainer => Text($"{trainer.Rank} ({trainer.ProcessId})"))),
                host.SiloProcessId > 0 ? Text($"{host.SiloProcessId}") : "-");
        }

        return WithRest(table, report.Hosts.Length, "hosts");
    }

    private static Table Risk(StatusReport report)
    {
        var table = NewTable("chance to recover from memory", "lost together", "recovered", "lost", "fraction", "method")
            .Caption("with all copies in place");
        foreach (var row in report.Risk)
        {
            var colour = row.LossProbability <= 0 ? "green" : row.LossProbability < 1 ? "yellow" : "red";
            table.AddRow(
                Text($"{row.Lost} of {row.Of} {Markup.Escape(row.What)}s"), $"[{colour}]{Percent(row)}[/]", Text($"{row.LossProbability:0.####%}"),
                row.RecoveryFraction ?? "", row.Method);
        }

        return table;
    }

    /// <summary>Never rounds up to 100 %.</summary>
    private static string Percent(StatusRisk row)
    {
        var bound = row.Method == "exact" ? "" : "≥ ";
        if (row.LossProbability > 0 && row.RecoveryProbability > 0.9999) return "> 99.99 %";
        return bound + Text($"{row.RecoveryProbability * 100:0.##} %");
    }

    private static Table WithRest(Table table, int count, string what) =>
        count > RowMax ? table.Caption(Text($"{count - RowMax} more {what} in a state as good as these or better; --json has all")) : table;
}
