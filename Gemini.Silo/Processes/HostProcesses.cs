using System.Globalization;
using System.Text;

namespace Gemini.Silo.Processes;

/// <summary>The <c>gemini host</c> processes of this machine, also those that others started.</summary>
internal static class HostProcesses
{
    /// <summary>A process that runs a host.</summary>
    public readonly record struct Found(int Id, TimeSpan Age);

    /// <summary>The host process with this configuration file; null if there is none. If there are several, the youngest.</summary>
    /// <remarks>A child that a host is just starting has the host's command line until it runs its own program. It is no host.</remarks>
    public static Found? With(string configuration)
    {
        var found = new Dictionary<int, (int Parent, TimeSpan Age)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
            if (!IsHost(id, configuration) || ProcStat.Of(id) is not { IsRunning: true } stat || stat.Age() is not { } age) continue;
            found[id] = (stat.Parent, age);
        }

        return found.Where(process => !found.ContainsKey(process.Value.Parent))
            .OrderBy(process => process.Value.Age)
            .Select(process => (Found?)new Found(process.Key, process.Value.Age))
            .FirstOrDefault();
    }

    private static bool IsHost(int id, string configuration)
    {
        try
        {
            var words = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{id}/cmdline")).Split('\0');
            var option = Array.IndexOf(words, "--config");
            if (option < 1 || option + 1 >= words.Length || words[option - 1] != "host") return false;
            var folder = new FileInfo($"/proc/{id}/cwd").LinkTarget ?? "/";
            return Path.GetFullPath(words[option + 1], folder) == configuration;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The process has ended, or belongs to another user.
            return false;
        }
    }
}
