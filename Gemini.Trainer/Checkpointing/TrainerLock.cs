using System.Globalization;
using System.Text;

namespace Gemini.Trainer.Checkpointing;

/// <summary>
/// Held by the trainer process all its life, so that no silo starts a second one beside it. The file holds the process id;
/// the kernel drops the lock with the process.
/// </summary>
internal sealed class TrainerLock : IDisposable
{
    private readonly FileStream _file;

    private TrainerLock(FileStream file) => _file = file;

    /// <exception cref="IOException">Another trainer of this host and index lives.</exception>
    public static TrainerLock Take(string path)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (IOException error) when (File.Exists(path))
        {
            throw new IOException($"{path} is locked: another trainer of this host and index is running.", error);
        }

        file.SetLength(0);
        file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        file.Flush();
        return new TrainerLock(file);
    }

    public void Dispose() => _file.Dispose();
}
