using System.Globalization;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.SharedMemory;

/// <summary>
/// The files of one host of one job: <c>ROOT/JOB/HOST/</c> holds its segments, its trainer socket and its trainers' locks. On one machine several
/// hosts can share ROOT, each in its own folder. Removing that folder has the same effect as losing the machine.
/// </summary>
public sealed class HostPaths(string root, string job, HostName host)
{
    /// <summary>
    /// The default place of host memory: <c>/dev/shm/gemini-UID</c>. <c>/dev/shm</c> is a tmpfs on every Linux. Each user has a folder name of its
    /// own, because two users cannot share a private folder.
    /// </summary>
    public static string DefaultRoot { get; } = string.Create(CultureInfo.InvariantCulture, $"/dev/shm/gemini-{FileStatus.CurrentUser}");

    /// <summary>Slots per resident shard: one for the newest committed snapshot, one for the snapshot that is being written.</summary>
    public const int SlotCount = 2;

    public string Directory { get; } = Path.Combine(root, job, host.Value);

    /// <summary>Makes ROOT, ROOT/JOB and ROOT/JOB/HOST, each for this user alone. Idempotent.</summary>
    /// <exception cref="UntrustedFileException">One of them does not belong to this user alone. The message names the fix.</exception>
    /// <exception cref="IOException">One of them cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not make one of them.</exception>
    public void EnsureDirectory()
    {
        PrivateFolder.Ensure(root);
        PrivateFolder.Ensure(Path.Combine(root, job));
        PrivateFolder.Ensure(Directory);
    }

    /// <summary>Removes ROOT/JOB/HOST and ROOT/JOB again if they are empty, so that a failed start leaves nothing behind.</summary>
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
                // The folder is not empty, or it does not exist.
                return;
            }
        }
    }

    /// <summary>The unix socket on which the silo accepts its trainers (a path of at most 107 bytes on Linux).</summary>
    public string TrainerSocket => Path.Combine(Directory, "silo.sock");

    /// <summary>The silo process holds this lock while it lives, so that two silos never use the same folder.</summary>
    public string HostLock => Path.Combine(Directory, "host.lock");

    public string Segment(Rank owner, int slot) =>
        Path.Combine(Directory, string.Create(CultureInfo.InvariantCulture, $"rank-{owner.Value:d5}.slot-{slot}"));

    /// <summary>The private copy from which an own shard is written to persistent storage. It is not a slot, and a restarted silo never adopts it.</summary>
    public string Staging(Rank owner) =>
        Path.Combine(Directory, string.Create(CultureInfo.InvariantCulture, $"rank-{owner.Value:d5}.staging"));

    /// <summary>
    /// The trainer process holds this lock while it lives; the kernel drops the lock when the process ends. By this lock a restarted silo knows that
    /// a trainer of its predecessor still lives, so it never starts a second one.
    /// </summary>
    public string TrainerLock(int localIndex) =>
        Path.Combine(Directory, string.Create(CultureInfo.InvariantCulture, $"trainer-{localIndex}.lock"));

    /// <summary>The file in which a trainer says when it uses the training network (<see cref="SharedMemory.NetworkPage"/>). The trainer makes it.</summary>
    public string NetworkPage(int localIndex) =>
        Path.Combine(Directory, string.Create(CultureInfo.InvariantCulture, $"trainer-{localIndex}.network"));
}
