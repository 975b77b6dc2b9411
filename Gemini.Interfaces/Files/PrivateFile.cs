using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Interfaces.Files;

/// <summary>
/// Opens files that belong to this user alone. A symbolic link is never followed. After opening and before use, the file is checked: it must be a
/// regular file, belong to this user, and have one name. New files have mode 0600. No descriptor reaches a child process.
/// </summary>
public static partial class PrivateFile
{
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // Flags of open(2) on Linux x86-64.
    private const int ReadOnly = 0;
    private const int ReadWrite = 0x2;
    private const int CreateIfAbsent = 0x40; // O_CREAT
    private const int Exclusive = 0x80; // O_EXCL
    private const int NonBlocking = 0x800; // O_NONBLOCK: if the path is a pipe, opening must not wait for its other end
    private const int NoFollow = 0x20000; // O_NOFOLLOW
    private const int CloseOnExec = 0x80000; // O_CLOEXEC

    private const int ErrorNotFound = 2;
    private const int ErrorAccess = 13;
    private const int ErrorTooManyLinks = 40;
    private const int LockShared = 1;
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;

    /// <summary>Opens an existing file. Ownership: the caller disposes.</summary>
    /// <param name="path">Its path, in a folder that is trusted.</param>
    /// <param name="access"><see cref="FileAccess.Read"/>, or else both.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="UntrustedFileException">The file is a link, is not a regular file, belongs to another user, or has a second name.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not open it.</exception>
    public static SafeFileHandle Open(string path, FileAccess access) => Open(path, access == FileAccess.Read ? ReadOnly : ReadWrite);

    /// <summary>Makes a new file of mode 0600. Ownership: the caller disposes.</summary>
    /// <inheritdoc cref="Open(string, FileAccess)" path="/exception"/>
    public static SafeFileHandle Create(string path) => Open(path, ReadWrite | CreateIfAbsent | Exclusive);

    /// <summary>Opens a file, or makes it with mode 0600. Ownership: the caller disposes.</summary>
    /// <inheritdoc cref="Open(string, FileAccess)" path="/exception"/>
    public static SafeFileHandle OpenOrCreate(string path) => Open(path, ReadWrite | CreateIfAbsent);

    /// <summary>
    /// Takes the file's exclusive lock (flock). The lock ends when the last descriptor of this opening is closed. False if another opening has the
    /// lock.
    /// </summary>
    public static bool TryLock(SafeFileHandle file) => Lock(file, LockExclusive | LockNonBlocking) == 0;

    /// <summary>
    /// Whether a live process holds the file's lock. If nobody does, this call takes a shared lock for a moment. Another look does not see that lock;
    /// without that, a process which is started at this moment, and so inherits the lock until it runs its program, would look like a holder. A file
    /// that cannot be opened counts as locked, because nobody knows who holds its lock; a file that does not exist does not.
    /// </summary>
    public static bool IsLocked(string path)
    {
        try
        {
            using var probe = Open(path, FileAccess.ReadWrite);
            return Lock(probe, LockShared | LockNonBlocking) != 0;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>What is wrong with a file that must belong to this user alone, with the fix; null if nothing is wrong.</summary>
    internal static string? Problem(string path, FileStatus status) => status switch
    {
        { IsRegular: false, IsSocket: false } => $"{path} is {status.TypeText}; no process of this job makes one. Check what it is, then run: rm {path}",
        { IsOwn: false } => string.Create(CultureInfo.InvariantCulture,
            $"{path} belongs to user {status.Owner}, but this process runs as user {FileStatus.CurrentUser}. Check what it is, then run: rm {path}"),
        { LinkCount: > 1 } => string.Create(CultureInfo.InvariantCulture,
            $"{path} has {status.LinkCount} hard links, so it can be changed under another name. Check what it is, then run: rm {path}"),
        _ => null,
    };

    private static SafeFileHandle Open(string path, int flags)
    {
        var file = Open(path, flags | NoFollow | CloseOnExec | NonBlocking, (int)Mode);
        if (file.IsInvalid)
        {
            var error = Marshal.GetLastPInvokeError();
            file.Dispose();
            throw Failure(path, error);
        }

        var status = FileStatus.Of(file, path);
        var problem = status.IsRegular ? Problem(path, status) : $"{path} is {status.TypeText}, but must be a file. Check what it is, then remove it.";
        if (problem is null) return file;
        file.Dispose();
        throw new UntrustedFileException(problem);
    }

    private static Exception Failure(string path, int error)
    {
        var reason = Marshal.GetPInvokeErrorMessage(error);
        return error switch
        {
            ErrorNotFound => new FileNotFoundException($"{path} does not exist.", path),
            ErrorTooManyLinks => new UntrustedFileException(
                $"{path} is a symbolic link; no process of this job makes one. Check where it points to, then run: rm {path}"),
            ErrorAccess => new UnauthorizedAccessException($"{path} cannot be opened: {reason}."),
            _ => new IOException($"{path} cannot be opened: {reason}."),
        };
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(SafeFileHandle file, int operation);
}
