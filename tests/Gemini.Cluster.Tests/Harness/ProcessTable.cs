using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gemini.Silo.Processes;

namespace Gemini.Cluster.Tests.Harness;

/// <summary>
/// Processes as /proc shows them, whichever process started them. The lab finds its processes by its hosts. A test finds all of its processes by a
/// mark, also those that nobody knows any more.
/// </summary>
internal static class ProcessTable
{
    /// <summary>Every running process that inherited this text in its environment.</summary>
    public static IReadOnlyList<int> WithEnvironment(string mark)
    {
        var bytes = Encoding.UTF8.GetBytes(mark);
        return
        [
            .. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
                .Where(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                .Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
                .Where(processId => Read(processId, "environ").AsSpan().IndexOf(bytes) >= 0 && ProcessTools.IsRunning(processId)),
        ];
    }

    /// <summary>The command with which the process was started, for messages.</summary>
    public static string Describe(int processId) =>
        $"{processId}: {Encoding.UTF8.GetString(Read(processId, "cmdline")).Replace('\0', ' ')}";

    /// <summary>SIGKILL. Does nothing if the process has ended.</summary>
    public static void Kill(int processId)
    {
        // A report has 0 for a process that it does not know. To kill(2), 0 means the group of these tests.
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(processId);
        ProcessTools.Kill(processId);
    }

    /// <summary>Returns when the process has ended; false if the limit passes first.</summary>
    public static async Task<bool> ExitsAsync(int processId, TimeSpan limit)
    {
        using var bound = new CancellationTokenSource(limit);
        try
        {
            using var process = Process.GetProcessById(processId);
            await process.WaitForExitAsync(bound.Token);
            return true;
        }
        catch (ArgumentException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return !ProcessTools.IsRunning(processId);
        }
    }

    private static byte[] Read(int processId, string file)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{processId}/{file}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
