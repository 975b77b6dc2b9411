using System.Diagnostics;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Processes;

namespace Gemini.Cluster.Tests.Harness;

/// <summary>
/// A process that a test started: its lines, its end, signals to it. It leads a process group, like a command in a shell. The lab's HostProcess keeps
/// a host alive; this one only watches, as a user does.
/// </summary>
internal sealed class WatchedProcess : IDisposable
{
    private const int Sigint = 2;
    private const int Sigterm = 15;

    private readonly Process _process;
    private readonly TestFolders _folders;
    private readonly string _command;
    private readonly Task _output;
    private readonly Task _errors;

    private WatchedProcess(Process process, TestFolders folders, string command)
    {
        _process = process;
        _folders = folders;
        _command = command;
        _output = ReadAsync(process.StandardOutput, Output);
        _errors = ReadAsync(process.StandardError, Errors);
    }

    public int Id => _process.Id;

    public OutputLines Output { get; } = new();

    public OutputLines Errors { get; } = new();

    public static WatchedProcess Start(TestFolders folders, string program, params IEnumerable<string> arguments)
    {
        // Both become the program, so the process id is the program's own and also the group's id. A script's background job ignores SIGINT, and so would
        // every process of these tests in it; the program gets what it has in a user's shell.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "setsid", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folders.Root,
        };
        start.Environment[TestFolders.MarkVariable] = folders.Mark;
        start.Environment["TMPDIR"] = folders.Temporary;
        // Silos pass their environment on, so every trainer of these tests checks that its state does not change while it is copied.
        start.Environment[TrainerEnvironment.Check] = "1";
        return new WatchedProcess(Process.Start(start)!, folders, $"{Path.GetFileName(program)} {string.Join(' ', arguments)}");
    }

    /// <summary>The first line of standard output, from the given index on, that satisfies the condition, and its index.</summary>
    /// <param name="condition">A condition on the line.</param>
    /// <param name="what">A description of the condition, for the message.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="from">Index of the first line to look at.</param>
    public async Task<(int Index, string Line)> WaitForLineAsync(Func<string, bool> condition, string what, TimeSpan limit, int from = 0)
    {
        var found = await Output.FindAsync(condition, from, limit);
        if (found is null) Assert.Fail($"Waited up to {limit.TotalSeconds:0} s in vain for: {what}.\n{Describe()}");
        return found.Value;
    }

    /// <summary>The exit code, once all output is read.</summary>
    public async Task<int> ExitAsync(TimeSpan limit)
    {
        using var bound = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(bound.Token);
            await Task.WhenAll(_output, _errors).WaitAsync(bound.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Waited {limit.TotalSeconds:0} s in vain for the end of: {_command}.\n{Describe()}");
        }

        return _process.ExitCode;
    }

    /// <summary>SIGKILL to this process alone.</summary>
    public void Kill() => ProcessTable.Kill(Id);

    /// <summary>SIGTERM to this process alone.</summary>
    public void Terminate() => ProcessSignals.Send(Id, Sigterm);

    /// <summary>Ctrl-C in a terminal: SIGINT to the process and to all that it started.</summary>
    public void Interrupt() => ProcessSignals.SendToGroup(Id, Sigint);

    /// <summary>The newest lines and the ends of the logs, for a message.</summary>
    public string Describe() =>
        $"{_command}\n{string.Join('\n', Output.All.TakeLast(60))}\n--- stderr\n{string.Join('\n', Errors.All.TakeLast(20))}\n{_folders.LogTails()}";

    public void Dispose() => _process.Dispose();

    private static async Task ReadAsync(StreamReader reader, OutputLines lines)
    {
        while (await reader.ReadLineAsync() is { } line) lines.Add(line);
        lines.End();
    }
}
