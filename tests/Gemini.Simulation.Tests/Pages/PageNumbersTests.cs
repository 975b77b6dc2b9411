using Gemini.Simulation.Runs;
using Gemini.Simulation.Truths;
using static Gemini.Testing.Units;

namespace Gemini.Simulation.Tests.Pages;

/// <summary>The simulation's page has the numbers of the code and no others; see <see cref="DesignPage"/>.</summary>
public sealed class PageNumbersTests
{
    [Fact]
    public void Page_ItsNumbers_AreThoseOfTheCode() => new DesignPage("tests/Gemini.Simulation/DESIGN.md")
    {
        FromTheCode =
        [
            $"no {FiveTruths.EpochsMax} epochs begin within {S(milliseconds: FiveTruths.EpochSpanMilliseconds)};",
            $"Liveness: within {S(milliseconds: SimulationRun.LivenessLimitMilliseconds)} (virtual) after the last fault",
        ],
        Others = [("measured", "One run takes 70 ms."), ("an example", "`12345 ms h3 ...`: virtual time since the start")],
    }.AssertAllNumbers();
}
