using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gemini.Silo.Processes;

namespace Gemini.Cluster.Tests.Harness;

/// <summary>Processes as /proc shows them, whichever process started them.</summary>
internal static class ProcessTable
{
    /// <summary>Whether the process runs. A zombie does not.</summary>
    public static bool IsRunning(int processId) => ProcStat.Of(processId) is { IsRunning: true };

    /// <summary>Every running process that inherited this text in its environment.</summary>
    public static IReadOnlyList<int> WithEnvironment(string mark)
    {
        var bytes = Encoding.UTF8.GetBytes(mark);
        return
        [
            .. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
                .Where(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                .Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
                .Where(processId => Read(processId, "environ").AsSpan().IndexOf(bytes) >= 0 && IsRunning(processId)),
        ];
    }

    /// <summary>Whether the process was started as this program.</summary>
    public static bool Runs(int processId, string program) =>
        Encoding.UTF8.GetString(Read(processId, "cmdline")).Split('\0')[0] == program;

    /// <summary>The command with which the process was started, for messages.</summary>
    public static string Describe(int processId) =>
        $"{processId}: {Encoding.UTF8.GetString(Read(processId, "cmdline")).Replace('\0', ' ')}";

    /// <summary>Sends a signal; to a whole process group if the id is negative. Does nothing if the process has ended.</summary>
    public static void Send(int processId, Signal signal)
    {
        // Zero would mean the caller's own group to kill(2): these tests.
        ArgumentOutOfRangeException.ThrowIfZero(processId);
        if (processId < 0) ProcessSignals.SendToGroup(-processId, (int)signal);
        else ProcessSignals.Send(processId, (int)signal);
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
            return !IsRunning(processId);
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
