using System.Globalization;
using Gemini.Interfaces.Files;
using Gemini.Silo.Forgetting;
using Gemini.Silo.Processes;
using Gemini.Silo.Status;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>
/// Removes what demos and drills left if they were killed together with all their processes. Each of them holds a lock in its folders for as long as
/// it lives. So a folder belongs to nobody if its locks are free and its process has ended.
/// </summary>
internal static class DemoLeftovers
{
    /// <summary>In host memory: <c>demo-PID</c>. In the temporary folder: <c>gemini-demo-PID-RANDOM</c>.</summary>
    public const string JobPrefix = "demo-";

    public const string RunPrefix = "gemini-" + JobPrefix;

    /// <summary>
    /// Held by the demo. An orderly end removes this file. Files that are then left, such as logs after a failure, are left on purpose.
    /// </summary>
    private const string LockName = "demo.lock";

    /// <summary>Makes and locks the mark of a live demo. Dispose of it at the demo's orderly end.</summary>
    public static IDisposable Mark(string folder) => new HeldMark(Path.Combine(folder, LockName));

    /// <summary>Removes the folders of demos that have ended. Says which folders, and how much they held.</summary>
    /// <param name="memoryRoot">Where hosts keep their memory.</param>
    /// <param name="temporary">Where demos keep their configurations.</param>
    /// <param name="say">Receives a line about each folder.</param>
    public static void Remove(string memoryRoot, string temporary, Action<string> say)
    {
        foreach (var folder in Folders(memoryRoot, JobPrefix).Concat(Folders(temporary, RunPrefix).Where(HasMark)))
        {
            var bytes = folder.Bytes;
            try
            {
                DeletePipes(temporary, folder);
                folder.Delete();
                say($"removed {folder.Path}, {ByteText.Of(bytes)} of a demo that was killed");
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                say($"{folder.Path}, {ByteText.Of(bytes)} of a demo that was killed, cannot be removed: {error.Message}");
            }
        }
    }

    /// <summary>Folders of host memory that no live process uses, of any job, the largest first.</summary>
    public static IReadOnlyList<JobFolder> Unused(string memoryRoot) =>
        [.. OwnFolders(memoryRoot).Where(folder => folder.HeldLock() is null).OrderByDescending(folder => folder.Bytes)];

    private static List<JobFolder> Folders(string root, string prefix) =>
        [.. OwnFolders(root).Where(folder => ProcessOf(folder, prefix) is { } process && !ProcessTools.IsRunning(process) && folder.HeldLock() is null)];

    private static IEnumerable<JobFolder> OwnFolders(string root) => Directory.Exists(root)
        ? Directory.EnumerateDirectories(root).Where(path => FileStatus.Of(path) is { IsOwn: true, IsDirectory: true }).Select(path => new JobFolder(path))
        : [];

    private static int? ProcessOf(JobFolder folder, string prefix)
    {
        var name = Path.GetFileName(folder.Path);
        if (!name.StartsWith(prefix, StringComparison.Ordinal)) return null;
        var number = name[prefix.Length..].Split('-')[0];
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var process) ? process : null;
    }

    /// <summary>Deletes the diagnostics pipes of the demo's own process. .NET removes them only at an orderly end.</summary>
    private static void DeletePipes(string temporary, JobFolder folder)
    {
        if (ProcessOf(folder, RunPrefix) is not { } process) return;
        foreach (var pattern in (string[])["clr-debug-pipe-{0}-*", "dotnet-diagnostic-{0}-*"])
        {
            var name = string.Format(CultureInfo.InvariantCulture, pattern, process);
            foreach (var pipe in Directory.EnumerateFiles(temporary, name).Where(path => FileStatus.Of(path) is { IsOwn: true })) File.Delete(pipe);
        }
    }

    private static bool HasMark(JobFolder folder) => File.Exists(Path.Combine(folder.Path, LockName));

    private sealed class HeldMark : IDisposable
    {
        private readonly string _path;
        private readonly SafeFileHandle _handle;

        public HeldMark(string path)
        {
            _path = path;
            // The lock ends with the process.
            _handle = PrivateFile.Create(path);
            PrivateFile.TryLock(_handle);
        }

        public void Dispose()
        {
            // The folder may have been removed already, together with the mark.
            if (File.Exists(_path)) File.Delete(_path);
            _handle.Dispose();
        }
    }
}
