using System.Globalization;

namespace Gemini.Interfaces.Files;

/// <summary>
/// A folder that no other user can enter: mode 0700, owned by this user, and not a link. If every level of a path below a shared folder such as
/// <c>/dev/shm</c> is private, no other user can put a file or a link into that path.
/// </summary>
public static class PrivateFolder
{
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>
    /// Makes the folder if it does not exist, and checks that it is private. The check comes last, because another user may have made the folder
    /// first.
    /// </summary>
    /// <exception cref="UntrustedFileException">The folder is not private. The message names the fix.</exception>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not make it there.</exception>
    public static void Ensure(string path)
    {
        // If the name is taken, CreateDirectory does nothing, both for a folder and for a link to a folder.
        if (FileStatus.Of(path) is null) Directory.CreateDirectory(path, Mode);
        if (Problem(path) is { } problem) throw new UntrustedFileException(problem);
    }

    /// <summary>
    /// What is wrong with the first entry that no process of this job makes: an entry that is neither a file nor a socket (such as a link or a
    /// folder), that belongs to another user, or that has a second name. Null if there is no such entry.
    /// </summary>
    public static string? ProblemInside(string path) => Directory.EnumerateFileSystemEntries(path)
        .Order(StringComparer.Ordinal)
        .Select(entry => FileStatus.Of(entry) is { } status ? PrivateFile.Problem(entry, status) : null)
        .FirstOrDefault(problem => problem is not null);

    private static string? Problem(string path) => FileStatus.Of(path) switch
    {
        null => $"{path} was removed right after it was made. Start the program again.",
        { IsDirectory: false } other => $"{path} is {other.TypeText}, but must be a folder of this user alone. Remove it, or name another folder.",
        { IsOwn: false } other => string.Create(CultureInfo.InvariantCulture,
            $"{path} belongs to user {other.Owner}, but this process runs as user {FileStatus.CurrentUser}, and the folder must belong to that user. "
            + $"Name another folder, or have the owner remove it."),
        { OthersPermissions: not UnixFileMode.None } open =>
            $"{path} has mode {open.ModeText}, but must have 0700: other users could read or change what is in it. "
            + $"Check its content, then run: chmod 700 {path}",
        _ => null,
    };
}
