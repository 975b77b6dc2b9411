using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using static Gemini.Silo.Commands.CommandOptions;

namespace Gemini.Benchmarks;

/// <summary>
/// A new process of this program that measures something once. The first save or transfer of a process differs from all later ones, so each case and
/// repetition gets a process of its own.
/// </summary>
internal static class MeasuringProcess
{
    /// <summary>Where the folders of host memory are made.</summary>
    public static readonly Option<string> Memory = Value("--memory", "DIR", "Folder on a tmpfs for the slots.", Path.GetDirectoryName(HostPaths.DefaultRoot)!);

    /// <summary>Of the new process: the size of what it moves, in bytes.</summary>
    public static readonly Option<long> Bytes = new("--bytes");

    /// <summary>Of the new process: the root of host memory. It is deleted afterwards.</summary>
    public static readonly Option<string> Folder = new("--folder") { Required = true };

    /// <summary>The hidden command of the new process. It writes what it measured.</summary>
    public static Command Create<T>(string name, Option[] options, Func<ParseResult, Task<T>> measure)
    {
        var command = new Command(name, "Measures one case once. Another command starts it.") { Bytes, Folder };
        command.Hidden = true;
        foreach (var option in options) command.Add(option);
        command.SetAction(async (parsed, _) =>
        {
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(await measure(parsed)));
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>What a new process measured.</summary>
    /// <param name="parsed">The command line, for <see cref="Memory"/>.</param>
    /// <param name="command">Made by <see cref="Create"/>.</param>
    /// <param name="bytes">For <see cref="Bytes"/>.</param>
    /// <param name="arguments">Further arguments.</param>
    /// <param name="environment">Variables of the new process.</param>
    /// <param name="ct">Kills the process and those that it started.</param>
    /// <exception cref="LabException">The process failed.</exception>
    public static async Task<T> RunAsync<T>(
        ParseResult parsed, string command, long bytes, string[] arguments, IEnumerable<(string Name, string Value)> environment, CancellationToken ct)
    {
        var folder = Directory.CreateDirectory(
            Path.Combine(parsed.GetRequiredValue(Memory), $"gemini-{command}-{Environment.ProcessId}"),
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            string[] all = [command, Bytes.Name, $"{bytes}", Folder.Name, folder.FullName, .. arguments];
            var start = new ProcessStartInfo(Environment.ProcessPath!, all) { RedirectStandardOutput = true };
            foreach (var (name, value) in environment) start.Environment[name] = value;
            using var process = Process.Start(start)!;
            await using var killed = ct.Register(() => process.Kill(entireProcessTree: true));
            var output = await process.StandardOutput.ReadToEndAsync(ct);
            await process.WaitForExitAsync(ct);
            if (process.ExitCode != 0) throw new LabException($"the process {command}, with {bytes} bytes, ended with exit code {process.ExitCode}");
            return JsonSerializer.Deserialize<T>(output)!;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
