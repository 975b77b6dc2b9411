using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Gemini.Silo.Processes;

/// <summary>Processes that this one did not start itself: seen through /proc, ended with SIGKILL.</summary>
internal static class ProcessTools
{
    /// <summary>
    /// A killed .NET process leaves its diagnostics pipes in the temporary folder, three files for each death. Who wants to attach
    /// a tool to a process sets this variable to 1 in the environment of what starts it.
    /// </summary>
    public const string Diagnostics = "DOTNET_EnableDiagnostics";

    /// <summary>Whether it runs. A process that ended and was not collected yet does not.</summary>
    public static bool IsRunning(int processId) => ProcStat.Of(processId) is { IsRunning: true };

    /// <summary>Whether it runs and one of the words of its command line ends with this: process ids are used again.</summary>
    public static bool Runs(int processId, string program)
    {
        try
        {
            var words = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{processId}/cmdline")).Split('\0');
            return IsRunning(processId) && words.Any(word => Path.GetFileName(word) == Path.GetFileName(program));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Its children.</summary>
    public static IReadOnlyList<int> ChildrenOf(int processId)
    {
        var children = new List<int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var child)
                && ProcStat.Of(child)?.Parent == processId)
                children.Add(child);
        }

        return children;
    }

    /// <summary>SIGKILL; nothing when it is gone already.</summary>
    public static void Kill(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            process.Kill();
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It ended first.
        }
    }
}
