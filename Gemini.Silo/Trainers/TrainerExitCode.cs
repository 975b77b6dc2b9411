using System.Globalization;
using Gemini.Grains.Hosts;

namespace Gemini.Silo.Trainers;

/// <summary>What the exit code of a process means. If signal S ended the process, its exit code is 128 + S.</summary>
internal static class TrainerExitCode
{
    /// <summary>The exit code after SIGKILL. The kernel also uses SIGKILL when memory runs out.</summary>
    public const int Killed = FirstSignal + 9;

    private const int FirstSignal = 128;

    /// <summary>Signals that one process sends to another. All other signals are a fault of the process itself.</summary>
    private static readonly Dictionary<int, string> FromOutside = new()
    {
        [1] = "SIGHUP",
        [2] = "SIGINT",
        [3] = "SIGQUIT",
        [9] = "SIGKILL",
        [10] = "SIGUSR1",
        [12] = "SIGUSR2",
        [15] = "SIGTERM",
        [30] = "SIGPWR",
    };

    private static readonly Dictionary<int, string> OwnFaults = new()
    {
        [4] = "SIGILL",
        [5] = "SIGTRAP",
        [6] = "SIGABRT",
        [7] = "SIGBUS",
        [8] = "SIGFPE",
        [11] = "SIGSEGV",
        [13] = "SIGPIPE",
        [14] = "SIGALRM",
        [24] = "SIGXCPU",
        [25] = "SIGXFSZ",
        [31] = "SIGSYS",
    };

    /// <summary>How the process ended, if neither its supervisor nor a message told it to end.</summary>
    /// <param name="exitCode">Null: unknown, because an earlier silo started the process.</param>
    public static TrainerEnd Classify(int? exitCode) =>
        exitCode is { } code && !FromOutside.ContainsKey(code - FirstSignal) ? TrainerEnd.OwnFault : TrainerEnd.KilledFromOutside;

    /// <summary>For people: "exit code 134 (SIGABRT)".</summary>
    public static string Describe(int? exitCode)
    {
        if (exitCode is not { } code) return "an unknown exit code";
        var signal = FromOutside.GetValueOrDefault(code - FirstSignal) ?? OwnFaults.GetValueOrDefault(code - FirstSignal);
        var name = signal is null ? "" : $" ({signal})";
        return string.Create(CultureInfo.InvariantCulture, $"exit code {code}{name}");
    }
}
