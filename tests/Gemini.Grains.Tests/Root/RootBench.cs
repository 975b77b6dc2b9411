using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Fakes;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Tests.Root;

/// <summary>One root agent's driver in virtual time, with a store and agents that a test controls.</summary>
internal sealed class RootBench : ILogger
{
    private readonly EventLoop _loop = new();
    private readonly List<Exception> _failures = [];
    private readonly Owner _owner;
    private long _sequence;

    public RootBench(JobSpec? own = null)
    {
        Job = own ?? Jobs.Spec(hosts: 2, replicas: 2);
        _owner = new Owner(_loop, _failures.Add);
        Driver = new RootDriver(Job, Job.Hosts[0], new CoordinatorOptions(), new RootPorts
        {
            Records = Records,
            Calls = Agents,
            Probe = Agents,
            Members = () => [],
            Leave = () => HasLeft = true,
            Time = new LoopTimeProvider(_loop, _owner),
            Log = this,
        });
    }

    public JobSpec Job { get; }

    public FakeRecords Records { get; } = new();

    public AgentDoubles Agents { get; } = new();

    public RootDriver Driver { get; }

    public List<string> Lines { get; } = [];

    public bool HasLeft { get; private set; }

    /// <summary>Runs an activity and lets this much time pass. Throws the activity's exception.</summary>
    public void Run(Func<Task> activity, int milliseconds = 0)
    {
        var end = _loop.Now + milliseconds;
        _loop.Within(() =>
        {
            _owner.Launch(activity);
            _loop.RunUntil(end);
        });
        if (_failures is [var first, ..])
        {
            _failures.Clear();
            throw first;
        }
    }

    public void RunFor(int milliseconds) => Run(() => Task.CompletedTask, milliseconds);

    public void Start() => Run(Driver.StartAsync);

    /// <summary>Every host of the job reports once. After the last report the first epoch begins.</summary>
    public void ReportAll()
    {
        foreach (var host in Job.Hosts) Run(() => Driver.ReportAsync(Report(host)));
    }

    public HostReport Report(HostName host) => new()
    {
        Host = host,
        Incarnation = 1,
        Sequence = ++_sequence,
        SpecFingerprint = Job.Fingerprint(),
        DataEndpoint = $"{host}:1",
    };

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Lines.Add(formatter(state, exception));
        if (exception is not null) _failures.Add(exception);
    }

    private sealed class Owner(EventLoop loop, Action<Exception> failed) : Process(loop, failed);
}
