using System.Globalization;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.SharedMemory;

/// <summary>
/// The files of one host of one job: <c>ROOT/JOB/HOST/</c> holds its segments, its trainer socket and its trainers' locks.
/// On one machine several hosts share ROOT, each in its own folder; removing the folder is what a dead machine does.
/// </summary>
public sealed class HostPaths(string root, string job, HostName host)
{
    /// <summary>
    /// Where host memory is kept unless configured otherwise: <c>/dev/shm/gemini-UID</c>. A tmpfs on every Linux, and a name for each
    /// user, because no two users can share a folder that is private.
    /// </summary>
    public static string DefaultRoot { get; } = string.Create(CultureInfo.InvariantCulture, $"/dev/shm/gemini-{FileStatus.CurrentUser}");

    /// <summary>Slots per resident shard: the newest committed snapshot and the one being written.</summary>
    public const int SlotCount = 2;

    public string Directory { get; } = Path.Combine(root, job, host.Value);

    /// <summary>Makes ROOT, ROOT/JOB and ROOT/JOB/HOST, each for this user alone. Idempotent.</summary>
    /// <exception cref="UntrustedFileException">One of them is not this user's alone. The message names the fix.</exception>
    /// <exception cref="IOException">One of them cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not make one of them.</exception>
    public void EnsureDirectory()
    {
        PrivateFolder.Ensure(root);
        PrivateFolder.Ensure(Path.Combine(root, job));
        PrivateFolder.Ensure(Directory);
    }

    /// <summary>Removes ROOT/JOB/HOST and ROOT/JOB again if nothing is in them: a start that failed leaves nothing behind.</summary>
    public void RemoveEmptyDirectories()
    {
        foreach (var directory in new[] { Directory, Path.Combine(root, job) })
        {
            try
            {
                System.IO.Directory.Delete(directory);
            }
            catch (IOException)
            {
                // Something is in it, or it is not there.
                return;
            }
        }
    }

    /// <summary>The unix socket on which the silo accepts its trainers (a path of at most 107 bytes on Linux).</summary>
    public string TrainerSocket => Path.Combine(Directory, "silo.sock");

    /// <summary>Locked by the silo process for as long as it lives, so that two silos never share this folder.</summary>
    public string HostLock => Path.Combine(Directory, "host.lock");

    public string Segment(Rank owner, int slot) =>
        Path.Combine(Directory, string.Create(CultureInfo.InvariantCulture, $"rank-{owner.Value:d5}.slot-{slot}"));

    /// <summary>The private copy from which an own shard is written to persistent storage; no slot, and never adopted.</summary>
    public string Staging(Rank owner) =>
        Path.Combine(Directory, string.Create(CultureInfo.InvariantCulture, $"rank-{owner.Value:d5}.staging"));

    /// <summary>
    /// Locked by the trainer process for as long as it lives; the kernel drops the lock with the process. It is how a
    /// restarted silo knows that a trainer of its predecessor still lives, and never starts a second one.
    /// </summary>
    public string TrainerLock(int localIndex) =>
        Path.Combine(Directory, string.Create(CultureInfo.InvariantCulture, $"trainer-{localIndex}.lock"));
}
