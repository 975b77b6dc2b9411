using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Tests.Root;

/// <summary>One root agent's driver in virtual time, with a store and agents that a test controls.</summary>
internal sealed class RootBench : Bench, ILogger
{
    private long _sequence;

    public RootBench(JobSpec? own = null)
    {
        Job = own ?? Jobs.Spec(hosts: 2, replicas: 2);
        Driver = new RootDriver(Job, Job.Hosts[0], new CoordinatorOptions(), new RootPorts
        {
            Records = Records,
            Calls = Agents,
            Probe = Agents,
            Members = () =>
            {
                Evaluations++;
                return [];
            },
            Leave = () => HasLeft = true,
            Time = Time,
            Log = this,
        });
    }

    public JobSpec Job { get; }

    public RecordDouble Records { get; } = new();

    public AgentDoubles Agents { get; } = new();

    public RootDriver Driver { get; }

    public List<string> Lines { get; } = [];

    public bool HasLeft { get; private set; }

    /// <summary>How often it has looked at everything and decided.</summary>
    public int Evaluations { get; private set; }

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
        if (exception is not null) Fail(exception);
    }
}
