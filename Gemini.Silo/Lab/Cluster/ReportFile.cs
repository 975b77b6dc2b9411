using System.Text.Json;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>Writes the measurements of a run as JSON. A run prints its results first, so that a full disk cannot lose them.</summary>
internal static class ReportFile
{
    /// <summary>The JSON of every report.</summary>
    public static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    public static string Format<T>(T report) => JsonSerializer.Serialize(report, Options) + "\n";

    /// <exception cref="BadInputException">The file could not be written, although it could when the run began.</exception>
    public static void Write<T>(string path, T report)
    {
        try
        {
            File.WriteAllText(path, Format(report));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--report {path} could not be written ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}); the results are above.");
        }
    }
}
