using System.Globalization;
using System.Text;

namespace Gemini.Silo.Processes;

/// <summary>Tools for processes that this process did not start itself. They read /proc, and kill with SIGKILL.</summary>
internal static class ProcessTools
{
    /// <summary>
    /// A killed .NET process leaves its diagnostics pipes in the temporary folder, three files for each death. This variable, set to 0, prevents
    /// that. To attach a tool to a process, set it to 1 in the environment of the program that starts the process.
    /// </summary>
    public const string Diagnostics = "DOTNET_EnableDiagnostics";

    /// <summary>Whether it runs. False if it has ended, even if it was not collected yet.</summary>
    public static bool IsRunning(int processId) => ProcStat.Of(processId) is { IsRunning: true };

    /// <summary>
    /// Whether it runs, and one of the words of its command line has the file name of this program. The kernel uses process ids again, so the id
    /// alone does not prove it.
    /// </summary>
    public static bool Runs(int processId, string program) =>
        IsRunning(processId) && Words(processId, "cmdline").Any(word => Path.GetFileName(word) == Path.GetFileName(program));

    /// <summary>Whether it runs, and was started with this environment variable. Unlike its program, this can tell it from all other processes.</summary>
    public static bool HasVariable(int processId, string name, string value) =>
        IsRunning(processId) && Words(processId, "environ").Contains($"{name}={value}");

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

    /// <summary>Sends SIGKILL. If the process is gone already, or belongs to another user, nothing happens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The id is not above 0. The kernel would kill a whole group of processes: the caller's for 0, and everything that this user may kill for -1.
    /// </exception>
    public static void Kill(int processId)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(processId);
        ProcessSignals.Send(processId, ProcessSignals.Sigkill);
    }

    /// <summary>The parts of a file in its folder of /proc that ends each part with a zero; none if the file cannot be read.</summary>
    private static string[] Words(int processId, string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{processId}/{file}")).Split('\0');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
