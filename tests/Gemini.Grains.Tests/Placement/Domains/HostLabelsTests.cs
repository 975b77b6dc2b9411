using Gemini.Grains.Placement.Domains;

namespace Gemini.Grains.Tests.Placement.Domains;

public sealed class HostLabelsTests
{
    [Theory]
    [InlineData("rack=r7,power=left", "power=left,rack=r7")]
    [InlineData(" rack = r7 , zone=a=b,", "rack=r7,zone=a=b")]
    [InlineData("", "")]
    public void Parse_ReadsWhatToStringWrites(string text, string expected)
    {
        var labels = HostLabels.Parse(text);

        Assert.Equal(expected, labels.ToString());
        Assert.Equal(labels, HostLabels.Parse(expected));
        Assert.Equal(labels.GetHashCode(), HostLabels.Parse(expected).GetHashCode());
    }

    [Fact]
    public void ValueOf_NoSuchLabel_IsNull() => Assert.Null(HostLabels.Parse("rack=r7").ValueOf("Rack"));

    [Theory]
    [InlineData("rack", "\"rack\" is not name=value")]
    [InlineData("rack=", "\"rack=\" is not name=value")]
    [InlineData("=r7", "\"=r7\" is not name=value")]
    [InlineData("rack=a,rack=b", "\"rack\" is given twice")]
    public void Parse_Broken_NamesThePart(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => HostLabels.Parse(text)).Message);
}
