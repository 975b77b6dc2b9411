using Gemini.Silo.Configuration;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>Writes the measurements of a run. A run prints its results first, so that a full disk cannot lose them.</summary>
internal static class ReportFile
{
    /// <exception cref="BadInputException">The file could not be written, although it could when the run began.</exception>
    public static void Write(string path, string text)
    {
        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--report {path} could not be written ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}); the results are above.");
        }
    }
}
