namespace Gemini.Silo.Processes;

/// <summary>Finds programs as a shell does.</summary>
internal static class ProgramFile
{
    /// <summary>The file of a program; null if there is none. It need not be executable.</summary>
    /// <param name="command">A path, if it has a '/' in it. Otherwise a name, which is looked up in the folders of PATH.</param>
    public static string? Find(string command)
    {
        if (command.Contains('/')) return File.Exists(command) ? command : null;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        return folders.Select(folder => Path.Combine(folder, command)).FirstOrDefault(File.Exists);
    }
}
