namespace Gemini.Silo.Memory;

/// <summary>Small text files that the kernel provides.</summary>
internal static class SystemText
{
    /// <summary>The lines of a file; none if the file does not exist or this process may not read it.</summary>
    public static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
