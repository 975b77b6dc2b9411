using Gemini.Grains.Health;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Health;

public sealed class StuckRepeatsTests
{
    private readonly StuckRepeats _repeats = new();

    [Fact]
    public void Verdict_AtTheSameIteration_LimitsGrowUpToABound()
    {
        var factors = new List<int> { _repeats.Factor };
        for (var count = 0; count < 5; count++)
        {
            Verdict(at: 40);
            factors.Add(_repeats.Factor);
        }

        Assert.Equal([1, 2, 4, 8, 8, 8], factors);
    }

    [Fact]
    public void Verdict_TheThirdTime_NamesTheSetting()
    {
        Verdict(at: 40);
        Verdict(at: 39);
        Assert.Equal("", _repeats.Advice);

        Verdict(at: 40);

        Assert.StartsWith("3 times in a row the job hung after iteration 40: not every rank finished the next iteration in time, and the last limit was 10 s.", _repeats.Advice);
        Assert.Contains("raise health.stuckFloorSeconds (10)", _repeats.Advice);
    }

    [Fact]
    public void Progress_PastTheIteration_BeginsAnew()
    {
        Verdict(at: 40);
        Verdict(at: 40);
        _repeats.Progress(new Iteration(40));
        Assert.Equal(4, _repeats.Factor);

        _repeats.Progress(new Iteration(41));

        Assert.Equal((1, 0), (_repeats.Factor, _repeats.Count));
    }

    private void Verdict(long at) => _repeats.Verdict(new Iteration(at), TimeSpan.FromSeconds(10), "health.stuckFloorSeconds (10)");
}
