using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Demo;

namespace Gemini.Silo.Tests.Lab.Demo;

public sealed class DemoReportTests
{
    [Fact]
    public void Format_Sample_IsTheDocumentedShape() => Assert.Equal(
        """
        {
          "mode": "marked",
          "hosts": 4,
          "replicas": 2,
          "iterations": 40,
          "model": "gpt2-tiny",
          "parameters": 3257856,
          "shardBytes": 9773568,
          "seed": 1,
          "iterationMsMedian": 251.5,
          "failures": [
            {
              "kind": "software",
              "host": "host-1",
              "atIteration": 12,
              "lostIterations": 0,
              "resumedIteration": 11,
              "source": "local",
              "phasesMs": {
                "detect": 21,
                "decide": 14,
                "replace": 0,
                "fetch": 903,
                "load": 12,
                "resume": 263
              },
              "totalMs": 1213
            }
          ],
          "committedLagMax": 1,
          "skippedSaves": 0,
          "finalStateHash": "93e085440feb4ed733491ce3a4ecfabd",
          "referenceStateHash": null,
          "identical": null
        }

        """,
        ReportFile.Format(Reports.Sample with
        {
            Failures = [Reports.Sample.Failures[0]],
            ReferenceStateHash = null,
            Identical = null,
        }));

    [Fact]
    public void Load_Saved_IsTheSame()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "r.json");

        ReportFile.Write(path, Reports.Sample);

        Assert.Equivalent(Reports.Sample, DemoReportFile.Load(path), strict: true);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("nonsense")]
    [InlineData("null")]
    public void Load_NoReport_IsOneLine(string text)
    {
        using var folder = new TemporaryFolder();

        var error = Assert.Throws<BadInputException>(() => DemoReportFile.Load(folder.Write("r.json", text)));

        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Summary_Sample_HasTimeLinesAndProof()
    {
        var lines = DemoSummary.Lines(Reports.Sample).ToArray();

        Assert.Contains("identical: true", lines);
        Assert.Contains(lines, line => line.Contains("hardware failure of host-2 in iteration 24") && line.Contains("memory of a peer"));
        Assert.Contains(lines, line => line.Contains("903") && line.EndsWith("1213 ms", StringComparison.Ordinal));
    }
}
