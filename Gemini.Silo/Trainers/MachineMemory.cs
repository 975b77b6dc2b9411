using System.Globalization;

namespace Gemini.Silo.Trainers;

/// <summary>The machine's memory, as the kernel tells it.</summary>
internal static class MachineMemory
{
    private const string Field = "MemAvailable:";

    /// <summary>Bytes that a new process can have without swapping; null when the kernel does not say.</summary>
    public static long? AvailableBytes()
    {
        try
        {
            return Parse(File.ReadLines("/proc/meminfo"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <param name="lines">"MemAvailable:   23456 kB", among others.</param>
    internal static long? Parse(IEnumerable<string> lines)
    {
        var line = lines.FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
        if (line is null || !line.EndsWith(" kB", StringComparison.Ordinal)) return null;
        var number = line[Field.Length..^3].Trim();
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes) ? kibibytes << 10 : null;
    }
}
