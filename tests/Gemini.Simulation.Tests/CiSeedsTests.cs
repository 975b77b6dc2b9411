using Gemini.Simulation.Faults;
using Gemini.Simulation.Runs;

namespace Gemini.Simulation.Tests;

/// <summary>The seeds that every change must pass. A command runs 10,000 seeds: see the simulation's DESIGN.md.</summary>
public sealed class CiSeedsTests(CiSeedsTests.Seeds seeds) : IClassFixture<CiSeedsTests.Seeds>
{
    private const int Count = 300;

    [Fact]
    public void Seeds_AllOfThem_HoldTheTruthsAndGoOn() =>
        Assert.True(seeds.Failed.Count == 0, string.Join(Environment.NewLine, seeds.Failed.Take(2).Select(Campaign.Explain)));

    [Fact]
    public void Seeds_Together_MeetEveryFault() =>
        Assert.All(Enum.GetValues<FaultKind>(), kind => Assert.InRange(seeds.Statistics.Faults.GetValueOrDefault(kind), 5, int.MaxValue));

    [Theory]
    [InlineData("Hardware, from Peer", 20)]
    [InlineData("Hardware, from Storage", 5)]
    [InlineData("Software, from Local", 10)]
    [InlineData("Software, from Peer", 3)]
    public void Seeds_Together_RecoverFromEverywhere(string how, int least) =>
        Assert.InRange(seeds.Statistics.Recoveries.GetValueOrDefault(how), least, int.MaxValue);

    [Theory]
    [InlineData("root agents that were overtaken", 20)]
    [InlineData("silos that ended themselves", 20)]
    [InlineData("failures that named what is missing", 5)]
    [InlineData("live hosts that lost their position", 5)]
    [InlineData("headers that were found rotten", 10)]
    [InlineData("records that were written again", 5)]
    [InlineData("odd hosts that were refused", 5)]
    [InlineData("hosts that were told to leave: Released", 5)]
    [InlineData("messages lost", 500)]
    [InlineData("messages doubled", 500)]
    public void Seeds_Together_SeeWhatIsRare(string what, int least) =>
        Assert.InRange(seeds.Statistics.Counts.GetValueOrDefault(what), least, int.MaxValue);

    /// <summary>Otherwise there are so many faults that the runs show little about training that continues.</summary>
    [Fact]
    public void Seeds_MostOfThem_EndInTraining() =>
        Assert.InRange(seeds.Statistics.Ends.GetValueOrDefault("running") + seeds.Statistics.Ends.GetValueOrDefault("completed"), Count * 7 / 10, Count);

    public sealed class Seeds
    {
        public Seeds()
        {
            var (statistics, failed) = Campaign.Run(first: 0, Count);
            (Statistics, Failed) = (statistics, failed);
        }

        internal Statistics Statistics { get; }

        internal IReadOnlyList<SimulationResult> Failed { get; }
    }
}
