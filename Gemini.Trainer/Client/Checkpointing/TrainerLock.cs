using System.Globalization;
using System.Text;
using Gemini.Interfaces.Files;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// Held by the trainer process all its life, so that no silo starts a second one beside it. The file holds the process id;
/// the kernel drops the lock with the process.
/// </summary>
internal sealed class TrainerLock : IDisposable
{
    private readonly string _path;
    private SafeFileHandle _file;

    private TrainerLock(string path)
    {
        _path = path;
        _file = Lock(path);
    }

    /// <exception cref="IOException">Another trainer of this host and index lives, or the file is not this user's alone.</exception>
    public static TrainerLock Take(string path) => new(path);

    /// <summary>
    /// Makes the file again, and locks it, if somebody deleted it: no silo finds the lock on a file without a name. Not thread-safe.
    /// </summary>
    /// <exception cref="IOException">Another trainer of this host and index has taken its place.</exception>
    public void EnsureFile()
    {
        if (File.Exists(_path)) return;
        var nameless = _file;
        _file = Lock(_path);
        nameless.Dispose();
    }

    public void Dispose() => _file.Dispose();

    private static SafeFileHandle Lock(string path)
    {
        var file = PrivateFile.OpenOrCreate(path);
        if (!PrivateFile.TryLock(file))
        {
            file.Dispose();
            throw new IOException($"{path} is locked: another trainer of this host and index is running.");
        }

        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)), 0);
        return file;
    }
}
