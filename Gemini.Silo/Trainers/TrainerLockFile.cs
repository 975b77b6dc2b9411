using System.Globalization;
using Gemini.Interfaces.Files;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Trainers;

/// <summary>The lock that a trainer process holds all its life, from the silo's side.</summary>
internal sealed class TrainerLockFile(string path)
{
    public string Path { get; } = path;

    /// <summary>
    /// Whether a live process holds the lock. A file that cannot be opened counts as held, because two trainers of one rank are worse than none.
    /// <see cref="Configuration.HostPreflight"/> refuses a file that other users can access.
    /// </summary>
    public bool IsHeld() => PrivateFile.IsLocked(Path);

    /// <summary>
    /// The process that holds the lock, according to the kernel (<c>/proc/locks</c>); 0 if there is none that this process can see. The number in the
    /// file is only for people: in another process namespace it belongs to another process.
    /// </summary>
    public int HolderProcessId()
    {
        try
        {
            return FileStatus.Of(Path) is { } status ? HolderProcessId(File.ReadLines("/proc/locks"), status) : 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // No process is known, so none is killed. The caller that waits for the lock still sees that it is held.
            return 0;
        }
    }

    /// <summary>Kills the holder by SIGKILL, if the kernel names one.</summary>
    public void KillHolder()
    {
        var processId = HolderProcessId();
        // If the process is gone, or belongs to another user, nothing happens. The caller that waits for the lock sees which.
        if (processId > 1 && processId != Environment.ProcessId) ProcessTools.Kill(processId);
    }

    /// <param name="lines">For example "1: FLOCK  ADVISORY  WRITE 1234 00:19:5678 0 EOF".</param>
    /// <param name="status">The lock file.</param>
    internal static int HolderProcessId(IEnumerable<string> lines, FileStatus status)
    {
        var identity = string.Create(CultureInfo.InvariantCulture, $"{status.DeviceMajor:x2}:{status.DeviceMinor:x2}:{status.Inode}");
        foreach (var line in lines)
        {
            // A process that waits for the lock has "->" as its second field.
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, "FLOCK", _, _, var holder, var file, ..] && file == identity)
                return int.TryParse(holder, NumberStyles.None, CultureInfo.InvariantCulture, out var processId) ? processId : 0;
        }

        return 0;
    }
}
