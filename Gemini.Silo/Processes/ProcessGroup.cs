using System.Diagnostics;

namespace Gemini.Silo.Processes;

/// <summary>A process that leads a group, so that whatever it starts can be ended with it.</summary>
internal sealed class ProcessGroup : IDisposable
{
    private readonly Process _process;

    private ProcessGroup(Process process) => _process = process;

    public int Id => _process.Id;

    public int ExitCode => _process.ExitCode;

    public StreamReader Output => _process.StandardOutput;

    public StreamReader Errors => _process.StandardError;

    /// <summary>Starts it with both outputs readable and an input that is at its end.</summary>
    /// <param name="words">The program and its arguments.</param>
    /// <param name="prepare">Changes the environment, which is this process's own.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    public static ProcessGroup Start(IEnumerable<string> words, Action<IDictionary<string, string?>> prepare)
    {
        // setsid becomes the program, so the process id is the program's own, and the group's.
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

    /// <summary>Asks all of the group to end, and kills what has not by the end of the grace.</summary>
    public async Task EndAsync(TimeSpan grace, TimeProvider time)
    {
        ProcessSignals.TerminateGroup(Id);
        await Task.WhenAny(_process.WaitForExitAsync(CancellationToken.None), Task.Delay(grace, time, CancellationToken.None));
        // Also when the leader has ended: what it started may not have. An empty group takes no signal.
        ProcessSignals.KillGroup(Id);
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    public void Dispose() => _process.Dispose();
}
