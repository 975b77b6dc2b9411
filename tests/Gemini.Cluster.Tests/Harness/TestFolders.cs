using System.Runtime.CompilerServices;
using Gemini.Interfaces.Files;

namespace Gemini.Cluster.Tests.Harness;

/// <summary>
/// The folders of one test: its own memory root on the tmpfs, and a folder for logs, reports and temporary files. Every process of the test inherits
/// <see cref="Mark"/>, so that it can be found even if its parents have ended. Dispose ends the remaining processes and removes the folders.
/// </summary>
internal sealed class TestFolders : IDisposable
{
    /// <summary>Name of the environment variable that carries <see cref="Mark"/>.</summary>
    public const string MarkVariable = "GEMINI_CLUSTER_TEST";

    private static int _count;

    public TestFolders([CallerMemberName] string test = "")
    {
        var id = $"{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
        Mark = $"{id}:{test}";
        // Short, because it contains the trainer's socket, and a socket's path has at most 107 bytes.
        Memory = $"/dev/shm/gemini-test-{id}";
        Root = Directory.CreateTempSubdirectory($"gemini-test-{id}-").FullName;
        Logs = Directory.CreateDirectory(Path.Combine(Root, "logs")).FullName;
        Temporary = Directory.CreateDirectory(Path.Combine(Root, "tmp")).FullName;
        PrivateFolder.Ensure(Memory);
    }

    public string Mark { get; }

    public string Memory { get; }

    public string Root { get; }

    public string Logs { get; }

    /// <summary>TMPDIR of the test's processes.</summary>
    public string Temporary { get; }

    /// <summary>The ends of all logs, for a message.</summary>
    public string LogTails(int lines = 12) => string.Join('\n', Directory.EnumerateFiles(Logs, "*.log", SearchOption.AllDirectories).Order()
        .Select(path => $"--- {Path.GetRelativePath(Logs, path)}\n{string.Join('\n', File.ReadLines(path).TakeLast(lines))}"));

    public void Dispose()
    {
        foreach (var process in ProcessTable.WithEnvironment(Mark)) ProcessTable.Kill(process);
        Remove(Memory);
        Remove(Root);
    }

    private static void Remove(string folder)
    {
        for (var tries = 0; tries < 5 && Directory.Exists(folder); tries++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException)
            {
                // A process that was ending added a file meanwhile.
            }
        }
    }
}
