using System.CommandLine;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Configuration;

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

    public static Option<CheckpointMode> Mode() => new("--mode")
    {
        Description = "What the job does with its checkpoints. gemini: replicas are sent while training leaves the network idle. marked: they are sent "
            + "at once, as background traffic. For comparison, naive: at once, without a mark. unpipelined: like gemini, but after their capture. "
            + "blocking: training waits for them. none: no checkpoints. strawman, highfreq: training stops while the state is copied for storage, every "
            + "--persist-every iterations or as often as storage allows, and recovery uses only storage.",
        DefaultValueFactory = _ => CheckpointPolicy.DefaultMode,
        HelpName = string.Join('|', Enum.GetNames<CheckpointMode>()).ToLowerInvariant(),
    };

    /// <summary>The chosen mode of a drill, which checks recoveries from host memory.</summary>
    /// <exception cref="BadInputException">Jobs in this mode do not recover from host memory.</exception>
    public static CheckpointMode OfDrill(CheckpointMode mode)
    {
        if (CheckpointPolicy.Of(mode).RecoversFromMemory) return mode;
        var usable = Enum.GetValues<CheckpointMode>().Where(other => CheckpointPolicy.Of(other).RecoversFromMemory).Select(NameOf);
        throw new BadInputException($"--mode is {NameOf(mode)}, but a drill checks recoveries from host memory; use one of {string.Join(", ", usable)}.");

        static string NameOf(CheckpointMode mode) => mode.ToString().ToLowerInvariant();
    }

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
