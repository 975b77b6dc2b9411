using Gemini.Interfaces.Model;
using Gemini.Silo.Commands;
using Gemini.Silo.Status;

namespace Gemini.Silo.Tests.Status;

/// <summary>The recoveries as a person sees them.</summary>
public sealed class RecoveryTablesTests
{
    private static readonly StatusReport Report = StatusReports.Of(StatusSamples.Status(), StatusSamples.Record());

    private static readonly StatusRecovery One = Report.Recoveries[0];

    [Theory]
    [InlineData(6, "")]
    [InlineData(7, "1 earlier ones: --json")]
    [InlineData(100, "94 earlier ones: --json")]
    public void Draw_ManyRecoveries_ShowsTheNewestSixAndCountsTheRest(int count, string caption)
    {
        var text = Draw([.. Enumerable.Range(1, count).Select(epoch => One with { Epoch = epoch, Hosts = [$"lost-in-{epoch}."] })]);

        Assert.Equal(Enumerable.Range(count - 5, 6), Enumerable.Range(1, count).Where(epoch => text.Contains($"lost-in-{epoch}.", StringComparison.Ordinal)));
        Assert.Contains($"epoch {count}, because by hand", text, StringComparison.Ordinal);
        if (caption.Length > 0) Assert.Contains(caption, text, StringComparison.Ordinal);
        else Assert.DoesNotContain("earlier ones", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_None_IsAnEmptyTable()
    {
        var text = Draw([]);
        Assert.Contains("recoveries", text, StringComparison.Ordinal);
        Assert.DoesNotContain("because", text, StringComparison.Ordinal);
        Assert.DoesNotContain("took its state from", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_UnderWay_HasNoTotal()
    {
        var text = Draw([One with { Running = true, TotalMs = 4711 }]);
        Assert.Contains("under way", text, StringComparison.Ordinal);
        Assert.DoesNotContain("4711", text, StringComparison.Ordinal);
        Assert.Contains("4711 ms", Draw([One with { Running = false, TotalMs = 4711 }]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1500, true)]
    public void Draw_Exposure_IsSaidIfThereWasOne(long milliseconds, bool expected) =>
        Assert.Equal(expected, Draw([One with { ExposedMs = milliseconds }]).Contains("exposed 1500", StringComparison.Ordinal));

    /// <summary>The newest recovery may have no details yet. Those of the recovery before are still of use, and their title names its epoch.</summary>
    [Fact]
    public void Draw_DetailsOfAnEarlierRecovery_NameItsEpoch()
    {
        var text = Draw([One with { Epoch = 5 }, One with { Epoch = 6, Ranks = [] }]);
        Assert.Contains("epoch 6, because", text, StringComparison.Ordinal);
        Assert.Contains("where each rank of epoch 5 took its state from", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none", null, "from the beginning")]
    [InlineData("local", null, "own memory")]
    [InlineData("peer", "host-3", "memory of host-3")]
    [InlineData("peer", null, "memory of a peer")]
    [InlineData("peer", "[red]x[/]", "memory of [red]x[/]")]
    [InlineData("storage", null, "storage")]
    public void Draw_SourceOfARank_IsInWords(string source, string? from, string expected)
    {
        var rank = One.Ranks[0] with { Source = source, From = from, GigabytesPerSecond = null };
        Assert.Contains(Lines([One with { Ranks = [rank] }]), line => line.Contains($"│ 0    │ {expected} ", StringComparison.Ordinal));
    }

    [Fact]
    public void Draw_NothingWasRead_HasNoSpeed()
    {
        var rank = One.Ranks[0] with { Rank = 3, Source = "local", GigabytesPerSecond = null };
        var row = Assert.Single(Lines([One with { Ranks = [rank] }]), line => line.StartsWith("│ 3 ", StringComparison.Ordinal));
        Assert.Contains("│ -    │", row, StringComparison.Ordinal);
    }

    /// <summary>A recovery waits for the ranks that load from storage, then for those that load from a peer. So these are shown first of all.</summary>
    [Fact]
    public void Draw_ManyRanks_ShowsThoseThatARecoveryWaitsFor()
    {
        var ranks = Enumerable.Range(0, 40).Select(rank => One.Ranks[0] with
        {
            Rank = rank,
            Source = rank is 39 or 20 ? "storage" : rank is 30 or 10 ? "peer" : "local",
            From = null,
        });
        var shown = Lines([One with { Ranks = [.. ranks] }])
            .SkipWhile(line => !line.Contains("took its state from", StringComparison.Ordinal))
            .Select(line => line.Split('│') is [_, var first, ..] && int.TryParse(first, out var rank) ? rank : -1)
            .Where(rank => rank >= 0);

        Assert.Equal([.. Enumerable.Range(0, 10), 10, 11, 12, 20, 30, 39], shown);
        Assert.Contains("24 ranks more: --json", Draw([One with { Ranks = [.. ranks] }]), StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_WithoutAHost_MarkupInTheReason_IsText()
    {
        var text = Draw([One with { Hosts = [], Kind = "software", Reason = "[bold]by hand[/]" }]);
        Assert.Contains("because [bold]by hand[/]", text, StringComparison.Ordinal);
        Assert.Contains("│ software ", text, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Lines(StatusRecovery[] recoveries) => Draw(recoveries).Split('\n').Select(line => line.TrimEnd('\r'));

    private static string Draw(StatusRecovery[] recoveries)
    {
        using var output = new StringWriter();
        foreach (var part in RecoveryTables.Draw(Report with { Recoveries = [.. recoveries] })) StatusOutput.CreateConsole(output, 132).Write(part);
        return output.ToString();
    }
}
