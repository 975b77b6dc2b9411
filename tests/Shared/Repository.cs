namespace Gemini.Testing;

/// <summary>The repository in which these tests were built.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>A file or folder of the repository.</summary>
    /// <param name="name">As seen from the root.</param>
    public static string PathOf(string name) => Path.Combine(Root, name);

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gemini.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
