using System.Globalization;
using System.Text;
using Gemini.Interfaces.Files;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// The lock that the trainer process holds while it lives, so that no silo starts a second process for the same trainer. The file contains the
/// process id. The kernel drops the lock when the process ends.
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

    /// <exception cref="IOException">Another trainer with this host and index lives, or the file does not belong to this user alone.</exception>
    public static TrainerLock Take(string path) => new(path);

    /// <summary>
    /// If somebody has deleted the file, makes it again and locks it: a silo cannot find the lock on a file without a name. Not thread-safe.
    /// </summary>
    /// <exception cref="IOException">Another trainer with this host and index has made and locked the file.</exception>
    public void EnsureFile()
    {
        // A file of this name may be another trainer's. Then only this trainer's own file has no name any more.
        if (FileStatus.Of(_file, _path).LinkCount > 0) return;
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
