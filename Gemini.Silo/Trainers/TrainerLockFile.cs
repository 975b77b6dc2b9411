using System.Diagnostics;
using System.Globalization;
using Gemini.Interfaces.Files;

namespace Gemini.Silo.Trainers;

/// <summary>The lock that a trainer process holds all its life, seen from the silo.</summary>
internal sealed class TrainerLockFile(string path)
{
    /// <summary>A process id has at most 10 digits.</summary>
    private const int MaxDigits = 16;

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

    /// <summary>The process id that the holder wrote; 0 when it wrote none.</summary>
    public int HolderProcessId()
    {
        try
        {
            using var file = PrivateFile.Open(Path, FileAccess.Read);
            Span<byte> text = stackalloc byte[MaxDigits];
            var length = RandomAccess.Read(file, text, 0);
            return int.TryParse(text[..length], NumberStyles.None, CultureInfo.InvariantCulture, out var processId) ? processId : 0;
        }
        catch (IOException)
        {
            // Nobody has made the file, or it is none of a trainer's: it names no process.
            return 0;
        }
    }

    /// <summary>Kills a process by SIGKILL; does nothing when it is gone already.</summary>
    public static void Kill(int processId)
    {
        if (processId <= 1) return;
        try
        {
            using var process = Process.GetProcessById(processId);
            process.Kill();
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // Gone, or not ours to kill; whoever waits for the lock sees which.
        }
    }
}
