using System.Globalization;

namespace Gemini.Benchmarks.Memories;

/// <summary>What a process takes, as the kernel counts it; see proc(5).</summary>
/// <param name="ResidentBytes">Memory of its own that is in RAM.</param>
/// <param name="SharedBytes">Pages of files in RAM and of shared memory that it has mapped: segments.</param>
/// <param name="Descriptors">Open file descriptors.</param>
/// <param name="Mappings">Mapped regions.</param>
/// <param name="Threads">Threads.</param>
internal readonly record struct Footprint(double ResidentBytes, double SharedBytes, double Descriptors, double Mappings, double Threads)
{
    /// <summary>Null if the process has ended.</summary>
    public static Footprint? Of(int processId)
    {
        try
        {
            var status = File.ReadAllLines($"/proc/{processId}/status");
            return new Footprint(
                Field(status, "RssAnon:") * 1024, Field(status, "RssShmem:") * 1024, Directory.GetFiles($"/proc/{processId}/fd").Length,
                File.ReadLines($"/proc/{processId}/maps").Count(), Field(status, "Threads:"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The least of each figure. What a process takes only for a moment is not in it.</summary>
    public Footprint Least(Footprint other) => new(
        Math.Min(ResidentBytes, other.ResidentBytes), Math.Min(SharedBytes, other.SharedBytes), Math.Min(Descriptors, other.Descriptors),
        Math.Min(Mappings, other.Mappings), Math.Min(Threads, other.Threads));

    /// <summary>"RssAnon:	  123456 kB" or "Threads:	12".</summary>
    private static double Field(string[] lines, string name) =>
        double.Parse(lines.First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "").Trim(), CultureInfo.InvariantCulture);
}
