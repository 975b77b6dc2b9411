using System.Diagnostics;
using System.Globalization;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Trainers;

/// <summary>A trainer process that this silo started.</summary>
internal sealed class TrainerProcess : IDisposable
{
    /// <summary>
    /// "exec" keeps the process id, so the process that dies is the trainer and not a shell around it. The shell opens the logs and changes to the
    /// working folder, so that a folder that hangs blocks only the new process. .NET cannot do this: while it starts a process, it can start no other
    /// process and notices no exit.
    /// </summary>
    private const string Script = """out=$1; err=$2; dir=$3; shift 3; exec </dev/null >>"$out" 2>>"$err"; cd -- "$dir" && exec "$@" """;

    private readonly Process _process;

    private TrainerProcess(Process process, TrainerLogs logs)
    {
        _process = process;
        Logs = logs;
        Id = process.Id;
        Exited = process.WaitForExitAsync();
    }

    public int Id { get; }

    public TrainerLogs Logs { get; }

    /// <summary>Completes when the process has ended. Never faults.</summary>
    public Task Exited { get; }

    /// <summary>Valid after <see cref="Exited"/>. If signal S killed the process: 128 + S.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Starts the process. The call is short: everything that may hang is done before, or by the process itself.</summary>
    /// <param name="context">The host, with the options of the start.</param>
    /// <param name="localIndex">Which of the host's trainers.</param>
    /// <param name="spare">Its number as a spare; 0 for a trainer.</param>
    /// <param name="logs">The files for its output.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The operating system could not start the process.</exception>
    public static TrainerProcess Start(TrainerContext context, int localIndex, int spare, TrainerLogs logs)
    {
        var options = context.Options;
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        string[] arguments =
        [
            "-c", Script, "trainer", logs.Output, logs.Errors, options.WorkingDirectory is { Length: > 0 } folder ? folder : ".",
            options.Command, .. options.Arguments,
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment.TryAdd(ProcessTools.Diagnostics, "0");
        foreach (var (key, value) in options.Environment) start.Environment[key] = value;
        foreach (var (key, value) in Variables(context, localIndex)) start.Environment[key] = value;
        if (spare > 0) start.Environment[TrainerEnvironment.Spare] = spare.ToString(CultureInfo.InvariantCulture);
        return new TrainerProcess(Process.Start(start)!, logs);
    }

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // The process has ended already.
        }
    }

    public void Dispose() => _process.Dispose();

    private static Dictionary<string, string> Variables(TrainerContext context, int localIndex) => new()
    {
        [TrainerEnvironment.Socket] = context.Paths.TrainerSocket,
        [TrainerEnvironment.LockFile] = context.Paths.TrainerLock(localIndex),
        [TrainerEnvironment.NetworkPage] = context.Paths.NetworkPage(localIndex),
        [TrainerEnvironment.LocalIndex] = localIndex.ToString(CultureInfo.InvariantCulture),
        [TrainerEnvironment.Gateway] = context.Options.Gateway,
        [TrainerEnvironment.ClusterId] = context.Options.ClusterId,
        [TrainerEnvironment.ServiceId] = context.Options.ServiceId,
        [TrainerEnvironment.Host] = context.Host.Value,
        [TrainerEnvironment.Job] = context.Job.Name,
        [TrainerEnvironment.Program] = context.Program,
        [TrainerEnvironment.SecretFile] = context.Options.SecretFile,
        [TrainerEnvironment.RingAddress] = context.Options.RingAddress,
        [TrainerEnvironment.Ports] = context.Options.Ports.ToString(),
    };
}
