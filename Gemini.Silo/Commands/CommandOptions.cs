using System.CommandLine;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommandOptions
{
    public static Option<string> Memory() => Value("--memory", "DIR", "Folder on a tmpfs for the hosts' memory.", HostPaths.DefaultRoot);

    public static Option<bool> NoVerify() => new("--no-verify")
    {
        Description = "Skip the uninterrupted run at the end. Without that run, the final state is not verified.",
    };

    public static Option<string?> Report(string hint = "") => new("--report")
    {
        Description = "Write the measurements as JSON." + hint,
        HelpName = "FILE",
    };

    public static Option<string?> Logs() => new("--logs")
    {
        Description = "Keep every process's log in this folder. Without this option, logs are kept only after a failure, in a temporary folder.",
        HelpName = "DIR",
    };

    /// <summary>An option with one value.</summary>
    public static Option<T> Value<T>(string name, string helpName, string description, T defaultValue) => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => defaultValue,
    };

    /// <summary>An option that may be repeated; empty when it is not given.</summary>
    public static Option<string[]> Many(string name, string helpName, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => [],
    };
}
