using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Matrix;

namespace Gemini.Silo.Tests.Lab.Matrix;

public sealed class DrillNamesTests
{
    [Fact]
    public void Names_OfEverything_AreReadBack()
    {
        Assert.All(Enum.GetValues<DrillTarget>(), target => Assert.Equal(target, DrillNames.Target(DrillNames.Of(target))));
        Assert.All(Enum.GetValues<DrillTime>(), time => Assert.Equal(time, DrillNames.Time(DrillNames.Of(time))));
        Assert.All(DrillShape.All, shape => Assert.Equal(shape, DrillShape.Parse(shape.ToString())));
    }

    [Fact]
    public void Times_ButBetween_AreMoments() => Assert.All(
        Enum.GetValues<DrillTime>().Where(time => time != DrillTime.Between),
        time => Assert.True(Enum.TryParse<Interfaces.Drills.Moment>(time.ToString(), out _), $"{time}"));

    [Theory]
    [InlineData("4")]
    [InlineData("4,1")]
    [InlineData("3,2")]
    [InlineData("4,2,1")]
    [InlineData("a,b")]
    [InlineData("999,2")]
    public void Shape_OfOneGroupOrNone_IsRefused(string text) =>
        Assert.Contains(text, Assert.Throws<BadInputException>(() => DrillShape.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Names_Unknown_ListTheKnown()
    {
        Assert.Contains("cross-pair", Assert.Throws<BadInputException>(() => DrillNames.Target("dog")).Message, StringComparison.Ordinal);
        Assert.Contains("replication", Assert.Throws<BadInputException>(() => DrillNames.Time("noon")).Message, StringComparison.Ordinal);
    }
}
