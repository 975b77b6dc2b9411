using Gemini.Interfaces.Model;
using Gemini.Silo.Commands;
using Gemini.Silo.Status;

namespace Gemini.Silo.Tests.Status;

public sealed class StatusScreenTests
{
    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(132)]
    public void Draw_AnyWidth_KeepsItAndSaysEverything(int width)
    {
        var text = Draw(StatusReports.Of(StatusSamples.Status(), StatusSamples.Record(1)), width);

        Assert.All(text.Split('\n'), line => Assert.InRange(line.TrimEnd('\r').Length, 0, width));
        var words = string.Concat(text.Where(letter => !char.IsWhiteSpace(letter) && letter != '│'));
        foreach (var expected in (string[])["sample", "degraded", "exposed", "committed20", "rack=r0", "persisted10", "2of4hosts", "66.67%", "host-4", "recoveries"])
            Assert.Contains(expected, words);
    }

    [Fact]
    public void Draw_Recovery_ShowsPhasesSourceAndSpeed()
    {
        var text = Draw(StatusReports.Of(StatusSamples.Status(), StatusSamples.Record()), 132);

        Assert.Contains("detect 100 decide 1 replace 2 fetch 3 load 4 resume 5", text);
        Assert.Contains("because by hand", text);
        Assert.Contains("memory of host-0", text);
        Assert.Contains("0.50", text);
    }

    [Fact]
    public void Draw_ExposureMachinesAndBadCopies_AreSaid()
    {
        var calm = Draw(StatusReports.Of(StatusSamples.Status(), StatusSamples.Record()), 132);
        Assert.Contains("1.5 s in total, longest 1.2 s", calm);
        Assert.Contains("host-1 is requested, attempt 2: no capacity", calm);
        Assert.Contains("host-2: the copy of rank 3 of snapshot 20@2 is bad", calm);

        var status = StatusSamples.Status() with { Slow = "host-2, 2.3x the median", Redundancy = new Redundancy { LeastCopies = 1, Exposed = true } };
        var exposed = Draw(StatusReports.Of(status, StatusSamples.Record()), 132);
        Assert.Contains("now: one more loss may cost the snapshot in memory", exposed);
        Assert.DoesNotContain("never yet", exposed);
        Assert.Contains("host-2, 2.3x the median", exposed);
    }

    [Fact]
    public void Draw_ModeThatWaitsForIdleSpans_SaysWhatCheckpointsCost()
    {
        Assert.DoesNotContain("checkpointing costs", Draw(StatusReports.Of(StatusSamples.Status(), StatusSamples.Record()), 132));

        var text = Draw(StatusReports.Of(WithTraffic(new TrafficReport(43_500, 5700, 4100, 1, 0.004, 0)), StatusSamples.Record()), 200);
        Assert.Contains("checkpointing costs 0.4 % of an iteration (every iteration; path unclassed; 4.1 of 5.7 s idle time used)", text);
    }

    [Fact]
    public void Draw_ReplicasAreHeldBack_IsSaid()
    {
        var status = WithTraffic(new TrafficReport(250, 30, 0, 3, null, 1));
        var text = Draw(StatusReports.Of(status, StatusSamples.Record()), 220);
        Assert.Contains("what checkpointing costs is not known yet (every 3 iterations; path unclassed; 30 ms idle time; held back)", text);
        Assert.Contains("checkpoints slow training by more than is tolerated", text);
    }

    [Fact]
    public void Brief_IsOneLineWithAllThatIsAskedFirst() => Assert.Equal(
        "sample: safe: snapshot 20@2 has all 2 copies of every shard on live hosts; "
        + "running, trained 21, captured 21, committed 20 (1 behind), persisted 10, epoch 2",
        StatusScreen.Brief(StatusReports.Of(StatusSamples.Status(), StatusSamples.Record())));

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    public void Draw_ManyRecoveriesWithLongReasons_TakesOneRowEach(int width)
    {
        var one = StatusSamples.Status().Recoveries[0] with { Reason = new string('x', 300), Hosts = [new HostName("host-0"), new HostName("host-1")] };
        var status = StatusSamples.Status() with { Recoveries = [.. Enumerable.Range(2, 6).Select(epoch => one with { Epoch = new Epoch(epoch) })] };

        var lines = Draw(StatusReports.Of(status, StatusSamples.Record()), width).Split('\n');

        Assert.Equal(6, lines.Count(line => line.Contains("host-0, host-1 hardware", StringComparison.Ordinal)));
        var rows = lines.SkipWhile(line => !line.Contains("recoveries", StringComparison.Ordinal)).TakeWhile(line => !line.StartsWith('╰'));
        Assert.Equal(6 + 4, rows.Count());
    }

    [Fact]
    public void Draw_RecoveryOfTheWholeJob_NamesNobody()
    {
        var status = StatusSamples.Status() with { Recoveries = [StatusSamples.Status().Recoveries[0] with { Hosts = [], Kind = FailureKind.Software }] };

        Assert.Contains("│ 2     │ software │", Draw(StatusReports.Of(status, StatusSamples.Record()), 132));
    }

    [Fact]
    public void Draw_MarkupInNames_IsText() =>
        Assert.Contains("[red]lost[/]", Draw(StatusReports.Of(StatusSamples.Status(JobPhase.Failed, "[red]lost[/]"), null), 132));

    [Fact]
    public void Draw_ManyRanks_ShowsTheWorstAndCountsTheRest()
    {
        var report = StatusReports.Of(StatusSamples.Status(), StatusSamples.Record());
        var shards = Enumerable.Range(0, 1000).Select(rank => report.Shards[0] with { Rank = rank, Host = $"far-{rank}", Copies = rank == 777 ? [] : report.Shards[0].Copies });

        var text = Draw(report with { Shards = [.. shards] }, 132);

        Assert.Contains("far-777", text);
        Assert.Contains("968 more ranks", text);
    }

    /// <summary>All hosts report the same, but the first has half the idle time to spare.</summary>
    private static JobStatus WithTraffic(TrafficReport traffic)
    {
        var status = StatusSamples.Status();
        var path = new PathReport(new HostName("host-2"), 1_000_000, 1.5, IsClassed: false);
        return status with
        {
            Hosts = [.. status.Hosts.Select((host, index) => host with
            {
                Report = host.Report with { Paths = [path], Traffic = index == 0 ? traffic : traffic with { IdleMilliseconds = traffic.IdleMilliseconds * 2 } },
            })],
        };
    }

    private static string Draw(StatusReport report, int width)
    {
        using var output = new StringWriter();
        StatusOutput.CreateConsole(output, width).Write(StatusScreen.Draw(report));
        return output.ToString();
    }
}
