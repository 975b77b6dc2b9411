using System.Collections.Immutable;
using System.Diagnostics;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Tests.Lab.Demo;
using Gemini.Silo.Trainers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>A supervisor of one shell script as trainer, in its own folder. <see cref="FakeTrainer"/> is the other half of the trainer.</summary>
internal sealed class SupervisorFixture : IAsyncDisposable
{
    public const string Sleeps = "exec sleep 600";

    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private static int _count;

    private readonly string _root = $"/dev/shm/gemini-supervisor-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
    private TrainerSupervisor? _supervisor;

    public SupervisorFixture()
    {
        Paths = new HostPaths(_root, "test", new HostName("a"));
        Paths.EnsureDirectory();
    }

    public HostPaths Paths { get; }

    public TrainerSupervisor Supervisor => _supervisor!;

    public TrainerReport Report => Supervisor.Reports[0];

    public string LogDirectory => Path.Combine(_root, "logs");

    public void Start(string script, Func<TrainerOptions, TrainerOptions>? configure = null, Func<long?>? oomKills = null)
    {
        var options = new TrainerOptions
        {
            Command = "/bin/sh",
            Arguments = ["-c", script],
            LogDirectory = LogDirectory,
            Gateway = "127.0.0.1:1",
            ClusterId = "cluster",
            ServiceId = "service",
            ExitGrace = TimeSpan.FromMilliseconds(300),
        };
        var job = new JobSpec { Name = "test", Hosts = [new("b"), new("a")] };
        _supervisor = new TrainerSupervisor(
            job, new HostName("a"), Paths, configure?.Invoke(options) ?? options, TimeProvider.System, NullLogger<TrainerSupervisor>.Instance,
            oomKills ?? (() => null));
        _supervisor.SetPosition(new HostPosition(1));
        _supervisor.Start();
    }

    public Task<TrainerReport> UntilAsync(TrainerState state) => UntilAsync(report => report.State == state, $"state {state}");

    public async Task<TrainerReport> UntilAsync(Func<TrainerReport, bool> holds, string what)
    {
        await UntilAsync(() => holds(Report), what);
        return Report;
    }

    /// <summary>Waits for changes until the condition holds.</summary>
    public async Task UntilAsync(Func<bool> holds, string what)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (holds()) reached.TrySetResult();
        }

        Supervisor.Changed += Look;
        Look();
        try
        {
            await reached.Task.WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Waited for {what}; the trainer is {Report}, problem: {Supervisor.Problem}.");
        }
        finally
        {
            Supervisor.Changed -= Look;
        }
    }

    public static void Signal(string signal, int processId) =>
        Process.Start("/bin/sh", ["-c", $"kill -{signal} {processId}"]).WaitForExit();

    public static bool Lives(int processId) => Directory.Exists($"/proc/{processId}");

    public async ValueTask DisposeAsync()
    {
        if (_supervisor is not null) await _supervisor.ShutdownAsync("the test is over", TimeSpan.FromMilliseconds(100));
        Directory.Delete(_root, recursive: true);
    }
}
