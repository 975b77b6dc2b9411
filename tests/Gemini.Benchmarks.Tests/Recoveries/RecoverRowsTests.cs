using Gemini.Benchmarks.Recoveries;
using Gemini.Silo.Lab.Demo;
using Gemini.Silo.Lab.Recovery;
using Gemini.Silo.Status;

namespace Gemini.Benchmarks.Tests.Recoveries;

public sealed class RecoverRowsTests
{
    private const double Iteration = 500;

    [Theory]
    [InlineData("software", 800, true)]
    [InlineData("software", 801, false)]
    [InlineData("hardware", 1100, true)]
    [InlineData("hardware", 1101, false)]
    public void Total_IsPromisedWithoutTheIterationThatItEndsWith(string kind, long total, bool met)
    {
        var row = RecoverRows.Of(Report(Failure(kind, total)), "recover", isPromised: true).Single(row => row.Metric == "totalLessIteration");
        Assert.Equal((total - Iteration, met), (row.Value, row.Met));
        Assert.All(RecoverRows.Of(Report(Failure(kind, total)), "recover", isPromised: false), row => Assert.Null(row.Met));
    }

    [Fact]
    public void Phases_AreMediansOfTheirOwnKind()
    {
        var rows = RecoverRows.Of(Report(Failure("software", 600), Failure("software", 640), Failure("hardware", 2000)), "recover", isPromised: true);
        var software = rows.Where(row => row.Case == "recover/software").ToDictionary(row => row.Metric);
        Assert.Equal((620, 40), (software["total"].Value, software["total"].Spread));
        Assert.Equal((10, 610), (software["detect"].Value, software["resume"].Value));
    }

    [Theory]
    [InlineData(1200, true)]
    [InlineData(1201, false)]
    public void LargeState_IsComparedWithASocket(long additional, bool met)
    {
        // A gigabyte at a gigabyte a second takes 1000 ms.
        var small = Report(Failure("software", 600), Failure("hardware", 700));
        var large = Report(Failure("software", 600 + additional), Failure("hardware", 700 + additional));
        var rows = RecoverRows.Additional(small, large, "large", bytes: 1_000_000_000, bytesPerSecond: 1e9).Where(row => row.Metric == "additional").ToList();
        Assert.Equal(["large/software", "large/hardware"], rows.Select(row => row.Case));
        Assert.All(rows, row => Assert.Equal((additional, 1000, met), (row.Value, row.Limit, row.Met)));
    }

    private static ReportedFailure Failure(string kind, long total) =>
        new(kind, "host-0", 1, 0, 1, "local", new RecoveryPhases(Detect: 10, 0, 0, 0, 0, Resume: total - 10), total);

    private static RecoveryDrillReport Report(params ReportedFailure[] failures) => new()
    {
        Hosts = 4,
        Replicas = 2,
        Standbys = 1,
        Spares = 1,
        Model = "gpt2-nano",
        Processors = 2,
        IterationMs = Iteration,
        Software = RecoveryDrillSummary.Of([]),
        Hardware = RecoveryDrillSummary.Of([]),
        Failures = [.. failures],
        Iteration = 1,
        FinalStateHash = null,
        ReferenceStateHash = null,
    };
}
