using System.Text.Json;

namespace Gemini.Silo.Drills;

/// <summary>Drill reports as files.</summary>
internal static class MatrixReportFile
{
    public static void Save(MatrixReport report, string path) =>
        File.WriteAllText(path, JsonSerializer.Serialize(report, DrillJson.Default.MatrixReport) + "\n");
}
