using System.Globalization;
using System.Xml.Linq;

namespace Gemini.Silo.Lab.Demo;

/// <summary>
/// Draws a report's recoveries as an SVG. Each failure is one bar from the kill to the end of the first iteration after it, divided into the phases;
/// all bars share one time axis. There is no background, and the colours can be read on a light and on a dark page.
/// </summary>
internal static class RecoveryChart
{
    private const double Width = 880;
    private const double Left = 24;
    private const double Right = 24;
    private const double Top = 58;
    private const double RowHeight = 92;
    private const double BarHeight = 26;
    private const int AxisSteps = 5;

    /// <summary>A phase narrower than this has no room for its label; the label then stands below the bar.</summary>
    private const double LabelWidth = 62;

    /// <summary>Width of a digit or small letter at the label size, to place the labels below a bar.</summary>
    private const double CharacterWidth = 6.7;

    private const double DotSpace = 13;
    private const double LabelGap = 10;

    /// <summary>A grey with a contrast of more than 4 to 1 both to white and to a dark page.</summary>
    private const string Ink = "#737b85";

    private static readonly Dictionary<string, string> Colours = new()
    {
        ["detect"] = "#c2410c",
        ["decide"] = "#a16207",
        ["replace"] = "#7e22ce",
        ["fetch"] = "#1d4ed8",
        ["load"] = "#0e7490",
        ["resume"] = "#15803d",
    };

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public static string Draw(DemoReport report)
    {
        var axisMs = AxisEnd(report.Failures.Select(failure => failure.TotalMs).DefaultIfEmpty(1).Max());
        var axisTop = Top + (Math.Max(1, report.Failures.Length) * RowHeight);
        var height = axisTop + 40;
        var root = new XElement(Svg + "svg",
            new XAttribute("viewBox", $"0 0 {N(Width)} {N(height)}"), new XAttribute("width", N(Width)), new XAttribute("height", N(height)),
            new XAttribute("font-family", "ui-sans-serif, system-ui, 'Segoe UI', Helvetica, Arial, sans-serif"), new XAttribute("role", "img"),
            new XElement(Svg + "title", "Time line of each recovery"),
            Text(Left, 24, 15, "600", "Recovery from host memory"),
            Text(Left, 43, 12, "400", Conditions(report)));
        root.Add(Axis(axisMs, axisTop));
        for (var row = 0; row < report.Failures.Length; row++) root.Add(Row(report.Failures[row], Top + (row * RowHeight), axisMs));
        if (report.Failures.IsEmpty) root.Add(Text(Left, Top + 24, 13, "400", "no failure in this run"));
        return new XDocument(root) + "\n";
    }

    private static string Conditions(DemoReport report) =>
        $"{report.Hosts} hosts × {report.Replicas} replicas · {report.Model}, {Millions(report.Parameters)} M parameters · "
        + $"{N(Math.Round(report.IterationMsMedian))} ms per iteration · one machine, loopback"
        + (report.Identical == true ? " · final state bit-identical" : "");

    private static IEnumerable<XElement> Row(ReportedFailure failure, double top, double axisMs)
    {
        yield return Text(Left, top + 16, 13, "600", $"{failure.Kind} failure of {failure.Host} in iteration {failure.AtIteration}");
        yield return Text(Width - Right, top + 16, 13, "600", $"{failure.TotalMs} ms", "end");
        var summary = $"resumed from iteration {failure.ResumedIteration}, {Source(failure.Source)}";
        yield return Text(Width - Right - 84, top + 16, 12, "400", summary, "end");
        var barTop = top + 25;
        foreach (var line in Grid(barTop)) yield return line;
        var x = Left;
        var below = new List<(double X, string Label, string Colour)>();
        foreach (var (name, milliseconds) in failure.PhasesMs.All.Where(phase => phase.Milliseconds > 0))
        {
            var width = milliseconds / axisMs * (Width - Left - Right);
            yield return new XElement(Svg + "rect",
                new XAttribute("x", N(x)), new XAttribute("y", N(barTop)), new XAttribute("width", N(Math.Max(1, width - 1))),
                new XAttribute("height", N(BarHeight)), new XAttribute("rx", "2"), new XAttribute("fill", Colours[name]),
                new XElement(Svg + "title", $"{name}: {milliseconds} ms"));
            var label = $"{name} {milliseconds}";
            if (width >= Math.Max(LabelWidth, (label.Length * CharacterWidth) + 8))
            {
                yield return Label(x + (width / 2), barTop + 17, label, "middle", "#ffffff");
            }
            else
            {
                below.Add((x, label, Colours[name]));
            }

            x += width;
        }

        foreach (var element in Below(below, barTop + BarHeight)) yield return element;
    }

    /// <summary>
    /// Labels below a bar, each behind a dot of its colour. A label stands where its phase begins, if there is room. Labels keep their order and do
    /// not overlap.
    /// </summary>
    private static IEnumerable<XElement> Below(List<(double X, string Label, string Colour)> labels, double barBottom)
    {
        var at = new double[labels.Count];
        for (var index = 0; index < at.Length; index++) at[index] = index == 0 ? labels[0].X : Math.Max(labels[index].X, at[index - 1] + Space(index - 1));
        var limit = Width - Right + LabelGap;
        for (var index = at.Length - 1; index >= 0; index--) limit = at[index] = Math.Min(at[index], limit - Space(index));
        for (var index = 0; index < at.Length; index++)
        {
            yield return new XElement(Svg + "circle",
                new XAttribute("cx", N(at[index] + 4)), new XAttribute("cy", N(barBottom + 12)), new XAttribute("r", "4"),
                new XAttribute("fill", labels[index].Colour));
            yield return Label(at[index] + DotSpace, barBottom + 16, labels[index].Label, "start", Ink);
        }

        double Space(int index) => DotSpace + (labels[index].Label.Length * CharacterWidth) + LabelGap;
    }

    private static IEnumerable<XElement> Axis(double axisMs, double top)
    {
        for (var step = 0; step <= AxisSteps; step++)
        {
            var x = StepX(step);
            var anchor = step == 0 ? "start" : step == AxisSteps ? "end" : "middle";
            var label = step == 0 ? "failure" : N(axisMs * step / AxisSteps);
            yield return Text(x, top + 18, 11, "400", step == AxisSteps ? label + " ms" : label, anchor);
        }
    }

    /// <summary>The lines of the axis' steps, behind a bar.</summary>
    private static IEnumerable<XElement> Grid(double barTop) => Enumerable.Range(0, AxisSteps + 1).Select(step => new XElement(Svg + "line",
        new XAttribute("x1", N(StepX(step))), new XAttribute("x2", N(StepX(step))),
        new XAttribute("y1", N(barTop - 4)), new XAttribute("y2", N(barTop + BarHeight + 4)),
        new XAttribute("stroke", Ink), new XAttribute("stroke-opacity", "0.35")));

    private static double StepX(int step) => Left + ((Width - Left - Right) * step / AxisSteps);

    private static XElement Text(double x, double y, double size, string weight, string text, string anchor = "start") => new(Svg + "text",
        new XAttribute("x", N(x)), new XAttribute("y", N(y)), new XAttribute("font-size", N(size)), new XAttribute("font-weight", weight),
        new XAttribute("text-anchor", anchor), new XAttribute("fill", Ink), text);

    private static XElement Label(double x, double y, string text, string anchor, string colour) => new(Svg + "text",
        new XAttribute("x", N(x)), new XAttribute("y", N(y)), new XAttribute("font-size", "12"), new XAttribute("font-weight", "500"),
        new XAttribute("text-anchor", anchor), new XAttribute("fill", colour), text);

    /// <summary>The next number with one or two leading digits that five steps divide evenly.</summary>
    private static double AxisEnd(long longestMs)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(10, longestMs))));
        double[] leading = [1, 1.25, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10];
        return leading.Select(digit => digit * power).First(end => end >= longestMs);
    }

    private static string Source(string source) => source switch
    {
        "local" => "own memory",
        "peer" => "memory of a peer",
        "none" => "the beginning",
        _ => source,
    };

    private static string Millions(long parameters) => N(Math.Round(parameters / 1e6, 1));

    private static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
