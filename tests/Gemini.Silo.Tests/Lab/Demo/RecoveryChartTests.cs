using System.Globalization;
using System.Xml.Linq;
using Gemini.Silo.Lab.Demo;

namespace Gemini.Silo.Tests.Lab.Demo;

public sealed class RecoveryChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Draw_Sample_HasABarForEveryPhaseThatTookTime()
    {
        var root = XDocument.Parse(RecoveryChart.Draw(Reports.Sample)).Root!;

        Assert.Equal(Svg + "svg", root.Name);
        var phases = Reports.Sample.Failures.Sum(failure => failure.PhasesMs.All.Count(phase => phase.Milliseconds > 0));
        Assert.Equal(phases, root.Descendants(Svg + "rect").Count());
        var texts = root.Descendants(Svg + "text").Select(text => text.Value).ToArray();
        Assert.Contains("fetch 903", texts);
        Assert.Contains("1213 ms", texts);
    }

    [Fact]
    public void Draw_Sample_StaysInsideOfThePicture()
    {
        var root = XDocument.Parse(RecoveryChart.Draw(Reports.Sample)).Root!;
        var width = Number(root, "width");

        foreach (var bar in root.Descendants(Svg + "rect")) Assert.InRange(Number(bar, "x") + Number(bar, "width"), 0, width);
        foreach (var text in root.Descendants(Svg + "text")) Assert.InRange(Number(text, "y"), 0, Number(root, "height"));
    }

    [Fact]
    public void Draw_NoFailureAndOddNames_IsWellFormed() =>
        Assert.NotNull(XDocument.Parse(RecoveryChart.Draw(Reports.Sample with { Failures = [], Model = "<&\">" })).Root);

    private static double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
}
