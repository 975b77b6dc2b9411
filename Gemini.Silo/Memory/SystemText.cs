namespace Gemini.Silo.Memory;

/// <summary>Small text files in which the kernel answers.</summary>
internal static class SystemText
{
    /// <summary>The lines of a file; none when the kernel does not have it or does not let this process read it.</summary>
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
