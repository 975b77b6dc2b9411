using Gemini.Benchmarks.Overhead;
using Gemini.Silo.Configuration;
using Gemini.Testing;

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

            | emulated | fifo cubic | fifo bbr | paper, Fig. 16 |
            |---|---|---|---|
            | none | 2260 ms | 2261 ms | 43.5 s |
            | gemini | 1.004, 1.00 commits |  | 1.000 |

            *Conditions:* commit `0123abcd`; 4 hosts on one machine with 2 processors (a processor,
            Linux a kernel); state of `gpt2-tiny`; published times divided by 20; each case
            3 x 30 iterations, median.


            """;
        var updated = OverheadPage.Update(page, Report);
        Assert.Equal(page.Replace("old\n", table, StringComparison.Ordinal), updated);
        Assert.Equal(updated, OverheadPage.Update(updated, Report));
    }

    /// <summary>The README's tables are those of its reports. Otherwise somebody has typed a figure, or forgotten the command.</summary>
    [Fact]
    public void Readme_HasTheTablesOfItsReports()
    {
        var page = File.ReadAllText(Repository.PathOf("README.md"));
        var reports = Directory.GetFiles(Repository.PathOf("docs"), "overhead-*.json").Order(StringComparer.Ordinal).Select(OverheadPage.Read).ToList();
        Assert.NotEmpty(reports);
        Assert.Equal(OverheadPage.Update(page, reports), page);
    }

    [Fact]
    public void Update_PageWithoutAPlace_SaysWhatIsMissing() =>
        Assert.Contains("no place for the tables", Assert.Throws<BadInputException>(() => OverheadPage.Update("# Page", Report)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_NoReport_SaysSo() =>
        Assert.Contains("cannot be read as a report", Assert.Throws<BadInputException>(() => OverheadPage.Read("/dev/null")).Message, StringComparison.Ordinal);
}
