using Gemini.Benchmarks.Emulation;
using Gemini.Benchmarks.Overhead;
using static Gemini.Testing.Units;

namespace Gemini.Benchmarks.Tests.Pages;

/// <summary>The page has the numbers of the code and no others; see <see cref="DesignPage"/>.</summary>
public sealed class PageNumbersTests
{
    [Fact]
    public void Page_ItsNumbers_AreThoseOfTheCode()
    {
        var (p3dn, p4d) = (PublishedModel.Gpt2Of40BOnP3dn, PublishedModel.Gpt2Of100BOnP4d);
        var starved = p3dn.WithIdle(p3dn.Checkpoint / 3);
        new DesignPage("tests/Gemini.Benchmarks/DESIGN.md")
        {
            FromTheCode =
            [
                $"| {S(p3dn.Iteration)} | {S(p3dn.Idle)} | {S(p3dn.Checkpoint)} |",
                $"| {S(p4d.Iteration)} | {S(p4d.Idle)} | {S(p4d.Checkpoint)} |",
                $"| {starved.Iteration.TotalSeconds:0.0} s | {starved.Idle.TotalSeconds:0.0} s | {S(starved.Checkpoint)} |",
                $"divided among the blocks and varies by {PublishedModel.Jitter:0 %}.",
                $"and the commits per iteration {OverheadRun.SettlingIterations} iterations after the change",
            ],
        }.AssertAllNumbers();
    }
}
