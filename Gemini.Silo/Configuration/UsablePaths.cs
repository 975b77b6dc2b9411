namespace Gemini.Silo.Configuration;

/// <summary>
/// Checks paths that a person gave, before any work begins. A path that cannot be used becomes one line with its fix, instead of a stack trace after
/// an hour of training.
/// </summary>
internal static class UsablePaths
{
    /// <summary>Requires that a file can be written there: it exists and is writable, or its folder takes a new file. Nothing is changed.</summary>
    /// <param name="option">What the path is called, such as "--report".</param>
    /// <param name="path">Absolute, or relative to the folder in which the user stands.</param>
    /// <exception cref="BadInputException">The file could not be written; the message names option, path and fix.</exception>
    public static void RequireWritableFile(string option, string path)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full)) throw Unusable(option, path, "it is a folder", "name a file in it");
        var folder = Path.GetDirectoryName(full)!;
        if (!Directory.Exists(folder)) throw Unusable(option, path, $"the folder {folder} does not exist", "make it first");
        try
        {
            // A broken link is not a file, but a write would follow it. So it is opened, and refused like any other file that cannot be opened.
            if (File.Exists(full) || new FileInfo(full).LinkTarget is not null) File.Open(full, FileMode.Open, FileAccess.Write, FileShare.ReadWrite).Dispose();
            else Probe(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(option, path, Reason(error), "name a file that you may write");
        }
    }

    /// <summary>Requires that the folder exists, or can be made, and takes new files.</summary>
    /// <param name="option">What the path is called, such as "--logs" or "memoryRoot".</param>
    /// <param name="path">Absolute, or relative to the folder in which the user stands.</param>
    /// <exception cref="BadInputException">The folder cannot be used; the message names option, path and fix.</exception>
    public static void RequireWritableFolder(string option, string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            Probe(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{option} {path} cannot be used: {Reason(error)}; name a folder in which you may write.");
        }
    }

    /// <summary>Makes a file in the folder. Closing the file deletes it.</summary>
    private static void Probe(string folder)
    {
        var name = Path.Combine(folder, $".gemini-{Environment.ProcessId}");
        new FileStream(name, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
    }

    private static BadInputException Unusable(string option, string path, string reason, string fix) =>
        new($"{option} {path} cannot be written, because {reason}; {fix}.");

    private static string Reason(Exception error) => error.Message.ReplaceLineEndings(" ").TrimEnd('.');
}
