using Gemini.Silo.Lab.Chaos;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Matrix;

namespace Gemini.Silo.Tests.Lab.Chaos;

public sealed class ChaosTests
{
    [Fact]
    public void Strikes_OfOneSeed_AreTheSame_AndOfManyAreOfEveryKind()
    {
        Assert.Equal(Strikes(7), Strikes(7));
        Assert.NotEqual(Strikes(7), Strikes(8));
        var strikes = Strikes(7);
        Assert.Equal(["host", "pair", "silo", "trainer"], strikes.Select(strike => strike.ToString()).Distinct().Order());
        Assert.Contains(strikes, strike => !strike.Waits);
        Assert.Contains(strikes, strike => strike.Waits);
        Assert.All(strikes, strike => Assert.InRange(strike.Delay, TimeSpan.Zero, TimeSpan.FromSeconds(2)));
        Assert.All(strikes, strike => Assert.True(strike.Hosts == 1 || strike.Kind == KillTarget.Host));
    }

    [Theory]
    [InlineData(0.5, 50)]
    [InlineData(0.95, 95)]
    [InlineData(1.0, 100)]
    [InlineData(0.001, 1)]
    public void Percentile_Of1To100(double share, long expected) =>
        Assert.Equal(expected, ChaosReport.Percentile(Enumerable.Range(1, 100).Reverse().Select(value => (long)value), share));

    [Fact]
    public void Percentile_OfNothing_IsZero() => Assert.Equal(0, ChaosReport.Percentile([], 0.5));

    [Fact]
    public void Table_ShowsTimeAndSource_OrTheFailure()
    {
        DrillResult Result(string what, bool passed, long? milliseconds, string source) =>
            new("4,2", what, "fetch", true, passed, "memory", "host-1", 10, 10, source, milliseconds, 3, 5000, passed ? "" : "it hung");

        var lines = MatrixTable.Lines([Result("host", true, 1840, "peer"), Result("trainer", false, null, ""), Result("redis", true, null, "")]).ToList();
        Assert.Contains(lines, line => line.StartsWith("host ", StringComparison.Ordinal) && line.Contains("1.8 peer", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("trainer ", StringComparison.Ordinal) && line.Contains("FAILED", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("redis ", StringComparison.Ordinal) && line.Contains("memory", StringComparison.Ordinal));
        Assert.Contains("it hung", MatrixTable.Line(Result("trainer", false, null, "")), StringComparison.Ordinal);
    }

    private static List<ChaosStrike> Strikes(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 200).Select(_ => ChaosStrike.Next(random))];
    }
}
