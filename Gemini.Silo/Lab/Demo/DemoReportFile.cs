using System.Text.Json;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Demo;

/// <summary>Reads and writes reports.</summary>
internal static class DemoReportFile
{
    public static string Format(DemoReport report) => JsonSerializer.Serialize(report, DemoReportJson.Default.DemoReport) + "\n";

    public static void Save(DemoReport report, string path) => ReportFile.Write(path, Format(report));

    /// <exception cref="BadInputException">There is no such report.</exception>
    public static DemoReport Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), DemoReportJson.Default.DemoReport)
                ?? throw new BadInputException($"{path} holds 'null' and no report.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The report {path} cannot be read: {error.Message}; make one with: gemini demo --report {path}");
        }
        catch (JsonException error)
        {
            throw new BadInputException($"{path} is not a report: {error.Message.ReplaceLineEndings(" ")}; make one with: gemini demo --report {path}");
        }
    }
}
