using Gemini.Benchmarks.Overhead;
using Gemini.Silo.Configuration;

namespace Gemini.Benchmarks.Tests.Overhead;

public sealed class OverheadPageTests
{
    private static readonly OverheadReport Report = new(
        "0123abcd", new Machine(2, "a processor", "a kernel", "a runtime"), Hosts: 4, Model: "gpt2-tiny", Scale: 20, Repetitions: 3, Iterations: 30,
        [
            new BenchmarkRow("emulated/fifo/cubic/none", "iteration", "ms", 2260.4, 3),
            new BenchmarkRow("emulated/fifo/cubic/gemini", "iteration", "ms", 2270, 3, 2260.4, 1.0042, 1.01, true),
            new BenchmarkRow("emulated/fifo/cubic/gemini", "commitsPerIteration", "", 1, 0),
            new BenchmarkRow("emulated/fifo/bbr/none", "iteration", "ms", 2261, 3),
        ]);

    [Fact]
    public void Update_ReplacesTheTables_AndNothingElse()
    {
        const string page = "before\n<!-- overhead: written by a command, see below -->\nold\n<!-- end of overhead -->\nafter\n";
        const string table = """

            | emulated | fifo cubic | fifo bbr |
            |---|---|---|
            | none | 2260 ms | 2261 ms |
            | gemini | 1.004, 1.00 commits |  |


            """;
        var updated = OverheadPage.Update(page, Report);
        Assert.Equal(page.Replace("old\n", table, StringComparison.Ordinal), updated);
        Assert.Equal(updated, OverheadPage.Update(updated, Report));
    }

    [Fact]
    public void Update_PageWithoutAPlace_SaysWhatIsMissing() =>
        Assert.Contains("no place for the tables", Assert.Throws<BadInputException>(() => OverheadPage.Update("# Page", Report)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_NoReport_SaysSo() =>
        Assert.Contains("cannot be read as a report", Assert.Throws<BadInputException>(() => OverheadPage.Read("/dev/null")).Message, StringComparison.Ordinal);
}
