using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Gemini.Interfaces.Files;

namespace Gemini.Silo.Trainers;

/// <summary>The lock that a trainer process holds all its life, seen from the silo.</summary>
internal sealed class TrainerLockFile(string path)
{
    public string Path { get; } = path;

    /// <summary>
    /// Whether a live process holds the lock. Takes it for a moment when nobody does. A file that cannot be opened counts as held: two
    /// trainers of one rank are worse than none. <see cref="Configuration.HostPreflight"/> refuses a file that is not this user's alone.
    /// </summary>
    public bool IsHeld()
    {
        try
        {
            using var probe = PrivateFile.Open(Path, FileAccess.ReadWrite);
            return !PrivateFile.TryLock(probe);
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>
    /// The process that holds the lock, as the kernel says (<c>/proc/locks</c>); 0 when there is none that this process can see.
    /// The number in the file is for people: in another process namespace it is somebody else's.
    /// </summary>
    public int HolderProcessId()
    {
        try
        {
            return FileStatus.Of(Path) is { } status ? HolderProcessId(File.ReadLines("/proc/locks"), status) : 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Nobody can be named, so nobody is killed. Whoever waits for the lock goes on to see that it is held.
            return 0;
        }
    }

    /// <summary>Kills the holder by SIGKILL, if the kernel names one.</summary>
    public void KillHolder()
    {
        var processId = HolderProcessId();
        if (processId <= 1 || processId == Environment.ProcessId) return;
        try
        {
            using var process = Process.GetProcessById(processId);
            process.Kill();
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // Gone, or not ours to kill; whoever waits for the lock sees which.
        }
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
