using System.Globalization;

namespace Gemini.Benchmarks;

/// <summary>Figures for people: a line for each.</summary>
internal static class BenchmarkTable
{
    public static async Task WriteAsync(TextWriter output, IEnumerable<BenchmarkRow> rows)
    {
        await output.WriteLineAsync($"{"case",-24} {"metric",-22} {"value",10} {"spread",8} {"limit",8} {"ratio",6}  target");
        foreach (var row in rows)
        {
            var target = row.Met switch { null => "", true => $"{Text(row.Target)} met", false => $"{Text(row.Target)} MISSED" };
            await output.WriteLineAsync(
                $"{row.Case,-24} {$"{row.Metric}, {row.Unit}",-22} {Text(row.Value),10} {Text(row.Spread),8} {Text(row.Limit),8} {Text(row.Ratio),6}  {target}".TrimEnd());
        }
    }

    private static string Text(double? value) => value?.ToString("0.###", CultureInfo.InvariantCulture) ?? "";
}
