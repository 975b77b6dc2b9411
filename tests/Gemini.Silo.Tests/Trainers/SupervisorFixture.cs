using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Tests.Lab.Demo;
using Gemini.Silo.Trainers;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>A supervisor of one shell script as trainer, in its own folder. <see cref="FakeTrainer"/> is the other half of the trainer.</summary>
internal sealed class SupervisorFixture : IAsyncDisposable
{
    public const string Sleeps = "exec sleep 600";

    public const int Sigkill = 9;
    public const int Sigterm = 15;

    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly MemoryRoot _root = new();
    private Func<TrainerSupervisor>? _create;
    private TrainerSupervisor? _supervisor;
    private TimeProvider _time = TimeProvider.System;

    public SupervisorFixture()
    {
        Paths = new HostPaths(_root.Path, "test", new HostName("a"));
        Paths.EnsureDirectory();
    }

    public HostPaths Paths { get; }

    public LogLines<TrainerSupervisor> Log { get; } = new();

    public TrainerSupervisor Supervisor => _supervisor!;

    public TrainerReport Report => Supervisor.Reports[0];

    public string LogDirectory => Path.Combine(_root.Path, "logs");

    /// <param name="script">What the trainer does.</param>
    /// <param name="configure">Changes the options.</param>
    /// <param name="oomKills">How often the kernel has killed a process because memory ran out.</param>
    /// <param name="time">The supervisor's clock. If it is a fake, no limit passes, except in <see cref="LetTimePassUntilAsync"/>.</param>
    public void Start(
        string script, Func<TrainerOptions, TrainerOptions>? configure = null, Func<long?>? oomKills = null, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
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
        _create = () => new TrainerSupervisor(
            job, new HostName("a"), Paths, configure?.Invoke(options) ?? options, _time, Log,
            oomKills ?? (() => null));
        _supervisor = _create();
        _supervisor.SetPosition(new HostPosition(1));
        _supervisor.Start();
    }

    /// <summary>The silo ends and the trainer continues. Then the next silo of the host starts; it has no position yet.</summary>
    public async Task RestartAsync()
    {
        await Supervisor.DetachAsync();
        _supervisor = _create!();
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

    /// <summary>Lets the fake clock run until the condition holds.</summary>
    public Task LetTimePassUntilAsync(Func<TrainerReport, bool> holds, string what) => LetTimePassUntilAsync(() => holds(Report), what);

    /// <summary>Whether there is such a process, also one that has ended and is not collected yet.</summary>
    public static bool Lives(int processId) => Directory.Exists($"/proc/{processId}");

    public async ValueTask DisposeAsync()
    {
        if (_supervisor is not null)
        {
            var shutdown = _supervisor.ShutdownAsync("the test is over", TimeSpan.FromMilliseconds(100));
            if (_time is FakeTimeProvider) await LetTimePassUntilAsync(() => shutdown.IsCompleted, "the shutdown");
            await shutdown;
        }

        _root.Dispose();
    }

    private Task LetTimePassUntilAsync(Func<bool> holds, string what) => Wait.UntilAsync(() =>
    {
        ((FakeTimeProvider)_time).Advance(TimeSpan.FromMilliseconds(10));
        return holds();
    }, what);
}
