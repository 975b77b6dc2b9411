using System.Diagnostics;

namespace Gemini.Silo.Processes;

/// <summary>A process that leads a group, so that all processes that it starts can be ended with it.</summary>
internal sealed class ProcessGroup : IDisposable
{
    private readonly Process _process;

    private ProcessGroup(Process process) => _process = process;

    public int Id => _process.Id;

    public int ExitCode => _process.ExitCode;

    public StreamReader Output => _process.StandardOutput;

    public StreamReader Errors => _process.StandardError;

    /// <summary>Starts the process. Both outputs can be read, and its input is at its end.</summary>
    /// <param name="words">The program and its arguments.</param>
    /// <param name="prepare">Changes the environment of the process, which begins as a copy of this one's.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The process cannot be started.</exception>
    public static ProcessGroup Start(IEnumerable<string> words, Action<IDictionary<string, string?>> prepare)
    {
        // setsid turns into the program by exec. So the process id is that of the program, and of the group.
        var start = new ProcessStartInfo("setsid", words)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        prepare(start.Environment);
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new ProcessGroup(process);
    }

    public Task WaitForExitAsync(CancellationToken ct) => _process.WaitForExitAsync(ct);

    /// <summary>Asks all processes of the group to end. After the grace, kills those that have not ended.</summary>
    public async Task EndAsync(TimeSpan grace, TimeProvider time)
    {
        ProcessSignals.TerminateGroup(Id);
        await Task.WhenAny(_process.WaitForExitAsync(CancellationToken.None), Task.Delay(grace, time, CancellationToken.None));
        // This is needed even if the leader has ended: processes that it started may still run. A signal to an empty group does nothing.
        ProcessSignals.KillGroup(Id);
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    public void Dispose() => _process.Dispose();
}
