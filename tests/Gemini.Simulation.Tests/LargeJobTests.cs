using Gemini.Simulation.Faults;
using Gemini.Simulation.Runs;

namespace Gemini.Simulation.Tests;

/// <summary>The life of a large job. It takes much longer than that of a small one, so it runs only if it is asked for.</summary>
public sealed class LargeJobTests
{
    [Theory(Explicit = true)]
    [InlineData(7)]
    [InlineData(42)]
    public void Life_With256Hosts_HoldsTheTruthsAndGoesOn(int seed)
    {
        var result = SimulationRun.Run(SimulationOptions.Draw(seed).WithHosts(256), Defect.None);
        Assert.True(result.Failure is null, result.Explain(wholeTrace: false));
    }
}
