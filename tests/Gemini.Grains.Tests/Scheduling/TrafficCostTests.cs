using Gemini.Grains.Scheduling;

namespace Gemini.Grains.Tests.Scheduling;

/// <summary>What replicas cost, from iterations with and without them.</summary>
public sealed class TrafficCostTests
{
    [Fact]
    public void Share_IsKnownFromThreePairsOn()
    {
        var cost = Repeat(new TrafficCost(), baselines: 2, loaded: 102);
        Assert.Null(cost.Share);

        cost = Repeat(cost, baselines: 1, loaded: 102);
        Assert.Equal(0.02, cost.Share!.Value, precision: 6);
    }

    /// <summary>The iterations become slower and slower, but replicas cost always one percent.</summary>
    [Fact]
    public void Share_TheIterationsChange_ComparesOnlyNeighbours()
    {
        var cost = new TrafficCost();
        for (var baseline = 1; baseline <= 8; baseline++) cost = cost.Around(100 * baseline, 101 * baseline);
        Assert.Equal(0.01, cost.Share!.Value, precision: 6);
    }

    /// <summary>One iteration in ten takes three times as long, as beside an evaluation.</summary>
    [Fact]
    public void Share_OddIterations_ChangeNothing()
    {
        var cost = new TrafficCost();
        for (var iteration = 0; iteration < 300; iteration++)
        {
            var isBaseline = iteration % 23 == 12;
            cost = cost.With(Time((isBaseline ? 100 : 102) * (iteration % 10 == 7 ? 3 : 1)), isBaseline);
        }

        Assert.Equal(TrafficCost.PairsMax, cost.Pairs.Length);
        Assert.Equal(0.02, cost.Share!.Value, precision: 6);
    }

    [Fact]
    public void Share_ReplicasAreRare_ComparesThemWithTheBaselinesAround()
    {
        var cost = new TrafficCost();
        for (var iteration = 0; iteration < 100; iteration++) cost = cost.With(Time(iteration % 10 == 0 ? 103 : 100), isBaseline: iteration % 10 != 0);
        Assert.Equal(0.03, cost.Share!.Value, precision: 6);
    }

    [Fact]
    public void With_NoBaselines_KnowsNothing()
    {
        var cost = new TrafficCost();
        for (var iteration = 0; iteration < 100; iteration++) cost = cost.With(Time(100), isBaseline: false);
        Assert.Empty(cost.Pairs);
    }

    /// <summary>What comes after a recovery may run on other hosts.</summary>
    [Fact]
    public void Interrupted_ComparesNothingAcross()
    {
        var cost = new TrafficCost();
        for (var turn = 0; turn < 8; turn++)
        {
            for (var iteration = 0; iteration < 4; iteration++) cost = cost.With(Time(100), isBaseline: false);
            cost = cost.With(Time(50), isBaseline: true).Interrupted();
        }

        Assert.Empty(cost.Pairs);
    }

    private static TimeSpan Time(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static TrafficCost Repeat(TrafficCost cost, int baselines, int loaded)
    {
        for (var baseline = 0; baseline < baselines; baseline++) cost = cost.Around(100, loaded);
        return cost;
    }
}
