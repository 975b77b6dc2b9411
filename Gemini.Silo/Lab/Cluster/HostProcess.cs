using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using Gemini.Silo.Configuration;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>
/// One <c>gemini host</c> process, watched as a machine's operator would watch it. If it ends without a request, it is started again after a short
/// back-off, and takes the role that the job then gives it. It reads from a pipe that this process holds, so it cannot outlive this process.
/// </summary>
internal sealed class HostProcess(
    HostConfiguration configuration, string configurationPath, string logPath, TimeProvider clock, Action<string> say,
    ImmutableArray<string> launcher = default) : IAsyncDisposable
{
    /// <summary>A process that ends by itself sooner than this after its start never worked. The time is long enough for busy cores.</summary>
    private static readonly TimeSpan ShortLife = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan[] BackOff =
        [TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5)];

    /// <summary>SIGABRT: how .NET ends after an unhandled exception.</summary>
    private const int Abort = 6;

    private const int MaxShortLives = 3;

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private Process? _process;
    private Task _watch = Task.CompletedTask;
    private TimeSpan _hold;

    public HostConfiguration Configuration => configuration;

    public string Name => configuration.Host.Name;

    public string LogPath => logPath;

    /// <summary>0 while there is no process.</summary>
    public int ProcessId { get; private set; }

    /// <summary>Ends with <see cref="LabException"/> if the host cannot be kept running; otherwise when the host is stopped.</summary>
    public Task Completion => _watch;

    public void Start() => _watch = WatchAsync(StartProcess());

    /// <summary>SIGKILL to the silo. It is started again after <paramref name="hold"/>.</summary>
    public void Kill(TimeSpan hold)
    {
        lock (_lock)
        {
            _hold = hold;
            // By the handle and not by the id, which can belong to another process as soon as this one was collected.
            _process?.Kill();
        }
    }

    /// <summary>Asks the host to stop, and kills it if it has not stopped within <paramref name="bound"/>.</summary>
    public async Task StopAsync(TimeSpan bound)
    {
        await _stop.CancelAsync();
        Process? process;
        lock (_lock) process = _process;
        try
        {
            process?.StandardInput.Close();
        }
        catch (IOException)
        {
            // The process ended by itself.
        }

        var done = await Task.WhenAny(_watch, Task.Delay(bound, clock));
        if (done != _watch)
            lock (_lock) _process?.Kill();
        await _watch.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero);
        _process?.Dispose();
        _stop.Dispose();
    }

    private async Task WatchAsync(Process first)
    {
        var process = first;
        var ranBefore = false;
        for (var shortLives = 0; ;)
        {
            var started = clock.GetTimestamp();
            await process.WaitForExitAsync(CancellationToken.None);
            ProcessId = 0;
            if (_stop.IsCancellationRequested) return;

            var held = TakeHold();
            shortLives = EndedByItself(process.ExitCode) && clock.GetElapsedTime(started) < ShortLife ? shortLives + 1 : 0;
            // Bad input at the first start never goes away. Later it may come from a temporary state of the environment.
            if ((process.ExitCode == ExitCodes.BadInput && !ranBefore) || shortLives >= MaxShortLives)
                throw new LabException($"{Name} cannot run: {LastLogLine()} (exit code {process.ExitCode}, log {logPath})");

            ranBefore = true;
            var delay = held > TimeSpan.Zero ? held : BackOff[Math.Min(shortLives, BackOff.Length - 1)];
            say($"{Name} (pid {process.Id}) ended {Ending(process.ExitCode)}; started again in {delay.TotalSeconds:0.0} s");
            try
            {
                await Task.Delay(delay, clock, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            process = StartProcess();
            say($"{Name} started again, pid {process.Id}");
        }
    }

    private Process StartProcess()
    {
        lock (_lock)
        {
            var start = GeminiProgram.StartInfo(["host", "--config", configurationPath], logPath, launcher);
            start.RedirectStandardInput = true;
            HostEnvironment.RemoveAll(start.Environment);
            _process?.Dispose();
            _process = null;
            try
            {
                _process = Process.Start(start) ?? throw new LabException($"{Name} cannot be started.");
            }
            catch (Win32Exception error)
            {
                throw new LabException($"{Name} cannot be started: {error.Message}");
            }

            ProcessId = _process.Id;
            return _process;
        }
    }

    private TimeSpan TakeHold()
    {
        lock (_lock)
        {
            var hold = _hold;
            _hold = TimeSpan.Zero;
            return hold;
        }
    }

    private string LastLogLine() => File.Exists(logPath)
        ? File.ReadLines(logPath).LastOrDefault(line => !string.IsNullOrWhiteSpace(line))?.Trim() ?? "it said nothing"
        : "it said nothing";

    /// <summary>Ended with an error or an abort: not by an orderly stop, and not by a kill from outside.</summary>
    private static bool EndedByItself(int exitCode) => exitCode is > 0 and < 128 or 128 + Abort;

    /// <summary>128 + signal: a convention of shells and of .NET.</summary>
    private static string Ending(int exitCode) => exitCode > 128 ? $"by signal {exitCode - 128}" : $"with exit code {exitCode}";
}
