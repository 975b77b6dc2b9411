using System.Text.Json;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Matrix;

/// <summary>Writes drill reports.</summary>
internal static class MatrixReportFile
{
    public static void Save(MatrixReport report, string path) =>
        ReportFile.Write(path, JsonSerializer.Serialize(report, MatrixJson.Default.MatrixReport) + "\n");
}
