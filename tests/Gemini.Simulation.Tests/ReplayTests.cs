using Gemini.Simulation.Faults;
using Gemini.Simulation.Runs;

namespace Gemini.Simulation.Tests;

/// <summary>A seed is useful only if it gives the same run every time.</summary>
public sealed class ReplayTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(14)]
    [InlineData(42)]
    public void Seed_RunAgain_TakesTheSameCourse(int seed)
    {
        var (once, again) = (SimulationRun.Run(seed), SimulationRun.Run(seed, traced: true));
        Assert.Equal(once.Hash, again.Hash);
        Assert.Equal(once.Statistics.ToString(), again.Statistics.ToString());
        Assert.NotEmpty(again.Trace);
    }

    [Fact]
    public void Seeds_DifferentOnes_TakeDifferentCourses() =>
        Assert.NotEqual(SimulationRun.Run(3).Hash, SimulationRun.Run(14).Hash);

    [Fact]
    public void Failure_Explained_NamesSeedTruthAndReplay()
    {
        var failed = Campaign.Find(Defect.DirectiveBeforeRecord, count: 5)!;
        var text = failed.Explain(wholeTrace: false);
        Assert.Contains($"seed {failed.Options.Seed}: truth 5 is broken", text, StringComparison.Ordinal);
        Assert.Contains($"--project tests/Gemini.Simulation -- --seed {failed.Options.Seed} --trace", text, StringComparison.Ordinal);
    }
}
