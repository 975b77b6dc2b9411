using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Silo.Trainers;

/// <summary>The lock that a trainer process holds all its life, seen from the silo.</summary>
internal sealed partial class TrainerLockFile(string path)
{
    public string Path { get; } = path;

    /// <summary>Whether a live process holds the lock. Takes it for a moment when nobody does.</summary>
    public bool IsHeld()
    {
        if (!File.Exists(Path)) return false;
        try
        {
            using var probe = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
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
        // Not by File.Open: it asks for a shared lock, which the holder's exclusive one refuses.
        using var handle = new SafeFileHandle(Open(Path, CloseOnExec), ownsHandle: true);
        if (handle.IsInvalid) return 0;
        using var reader = new StreamReader(new FileStream(handle, FileAccess.Read, bufferSize: 0));
        return int.TryParse(reader.ReadToEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out var processId) ? processId : 0;
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

    /// <summary>O_RDONLY is zero; O_CLOEXEC keeps the file from the trainers that are started meanwhile.</summary>
    private const int CloseOnExec = 0x80000;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
