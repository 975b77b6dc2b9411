using Gemini.Interfaces.Files;

namespace Gemini.Silo.Forgetting;

/// <summary>
/// A folder of files and locks that a job left: ROOT/JOB of host memory, the job's folder in storage, or a demo's temporary folder.
/// </summary>
internal sealed class JobFolder(string path)
{
    public string Path => path;

    public bool Exists => Directory.Exists(path);

    /// <summary>Sum of the files' lengths. A file that disappears meanwhile counts as 0.</summary>
    public long Bytes => Files("*").Sum(LengthOf);

    /// <summary>A lock in the folder that a live process holds, or that cannot be looked at; null: none is held.</summary>
    public string? HeldLock() => Files("*.lock").FirstOrDefault(PrivateFile.IsLocked);

    /// <exception cref="IOException">Something in it cannot be deleted.</exception>
    /// <exception cref="UnauthorizedAccessException">It is another user's.</exception>
    public void Delete() => Directory.Delete(path, recursive: true);

    private IEnumerable<string> Files(string pattern) =>
        Exists ? Directory.EnumerateFiles(path, pattern, new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }) : [];

    private static long LengthOf(string file)
    {
        try
        {
            return new FileInfo(file).Length;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
