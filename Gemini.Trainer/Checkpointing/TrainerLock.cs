using System.Globalization;
using System.Text;
using Gemini.Interfaces.Files;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Trainer.Checkpointing;

/// <summary>
/// Held by the trainer process all its life, so that no silo starts a second one beside it. The file holds the process id;
/// the kernel drops the lock with the process.
/// </summary>
internal sealed class TrainerLock : IDisposable
{
    private readonly SafeFileHandle _file;

    private TrainerLock(SafeFileHandle file) => _file = file;

    /// <exception cref="IOException">Another trainer of this host and index lives, or the file is not this user's alone.</exception>
    public static TrainerLock Take(string path)
    {
        var file = PrivateFile.OpenOrCreate(path);
        if (!PrivateFile.TryLock(file))
        {
            file.Dispose();
            throw new IOException($"{path} is locked: another trainer of this host and index is running.");
        }

        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)), 0);
        return new TrainerLock(file);
    }

    public void Dispose() => _file.Dispose();
}
