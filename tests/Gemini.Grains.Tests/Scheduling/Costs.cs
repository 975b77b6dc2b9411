using Gemini.Grains.Scheduling;

namespace Gemini.Grains.Tests.Scheduling;

/// <summary>Iterations for the tests of costs.</summary>
internal static class Costs
{
    /// <summary>The cost with a baseline between four iterations before and four after it.</summary>
    public static TrafficCost Around(this TrafficCost cost, int baselineMs, int loadedMs)
    {
        for (var iteration = 0; iteration < 9; iteration++)
            cost = cost.With(TimeSpan.FromMilliseconds(iteration == 4 ? baselineMs : loadedMs), isBaseline: iteration == 4);
        return cost;
    }
}
