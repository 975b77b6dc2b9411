using Gemini.Interfaces.Files;

namespace Gemini.Silo.Forgetting;

/// <summary>What a job left on this machine: a folder of files and locks, ROOT/JOB of host memory or a demo's temporary folder.</summary>
internal sealed class JobFolder(string path)
{
    public string Path => path;

    public bool Exists => Directory.Exists(path);

    /// <summary>Sum of the files' lengths. What goes away meanwhile counts nothing.</summary>
    public long Bytes => Files("*").Sum(LengthOf);

    /// <summary>A lock in the folder that a live process holds, or that cannot be looked at; null: none is held.</summary>
    public string? HeldLock() => Files("*.lock").FirstOrDefault(IsHeld);

    /// <exception cref="IOException">Something in it cannot be deleted.</exception>
    /// <exception cref="UnauthorizedAccessException">It is another user's.</exception>
    public void Delete() => Directory.Delete(path, recursive: true);

    private IEnumerable<string> Files(string pattern) =>
        Exists ? Directory.EnumerateFiles(path, pattern, new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }) : [];

    private static bool IsHeld(string file)
    {
        try
        {
            using var probe = PrivateFile.Open(file, FileAccess.ReadWrite);
            return !PrivateFile.TryLock(probe);
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            // Whose it is cannot be told. Then it may be somebody's who lives.
            return true;
        }
    }

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
