using System.Text.Json;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Demo;

/// <summary>Reads the reports of demos.</summary>
internal static class DemoReportFile
{
    /// <exception cref="BadInputException">There is no such report.</exception>
    public static DemoReport Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<DemoReport>(File.ReadAllText(path), ReportFile.Options)
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
