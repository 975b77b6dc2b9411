using System.Runtime.ExceptionServices;
using Gemini.Grains.Health;
using Gemini.Grains.Root;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Engine;
using Microsoft.Extensions.Logging;

namespace Gemini.Simulation.Fakes;

/// <summary>
/// One root agent with its ports, from its start to its end. Directives arrive at once. Their answers are lost: hosts send reports themselves.
/// </summary>
internal sealed class FakeRootLife : Process, IRootCalls, ITrainerProbe, ILogger
{
    private readonly FakeCluster _cluster;
    private readonly Failures _failures;

    public FakeRootLife(FakeCluster cluster, FakeRecords records)
        : this(cluster, records, new Failures())
    {
    }

    private FakeRootLife(FakeCluster cluster, FakeRecords records, Failures failures)
        : base(cluster.Loop, failures.Add)
    {
        (_cluster, _failures) = (cluster, failures);
        Driver = new RootDriver(cluster.Job, cluster.Root.Host, cluster.Options, new RootPorts
        {
            Records = records,
            Calls = this,
            Probe = this,
            Members = cluster.Root.Members,
            Leave = cluster.Root.Kill,
            Time = new LoopTimeProvider(cluster.Loop, this),
            Log = this,
        });
    }

    public RootDriver Driver { get; }

    /// <summary>Throws the first unexpected exception.</summary>
    public void ThrowIfFailed()
    {
        if (_failures.First is { } first) ExceptionDispatchInfo.Throw(first);
    }

    public async Task<HostReport> DirectAsync(HostName host, HostDirective directive)
    {
        Watched(() => _cluster.Root.Deliver(host, directive));
        await Task.Yield();
        throw new TimeoutException("the answer is lost");
    }

    public void Commit(IEnumerable<HostName> hosts, Epoch epoch, Iteration iteration) => Watched(() =>
    {
        _cluster.Invariants.Committed(epoch, iteration);
        _cluster.Root.Tell(hosts, host => host.Commit(epoch, iteration));
    });

    public void Abandon(IEnumerable<HostName> hosts, Epoch epoch, Iteration iteration) =>
        Watched(() => _cluster.Root.Tell(hosts, host => host.Abandon(epoch, iteration)));

    public Task<GroupLedger> GetLedgerAsync(int group) => throw new NotSupportedException();

    public async Task<ProbeAnswer> AskAsync(string address)
    {
        if (_cluster.Root.LosesQuestions) await new TaskCompletionSource().Task;
        await Task.Yield();
        return _cluster.Ask(address);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        // Scenarios cause a fault of the coordinator on purpose and check for it themselves.
        if (exception is not null && exception != Driver.Coordinator.Fault) _failures.Add(exception);
    }

    /// <summary>
    /// If a call throws, the driver treats the host as one that does not answer. But a broken invariant must fail the scenario, so keep the
    /// exception.
    /// </summary>
    private void Watched(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error)
        {
            _failures.Add(error);
        }
    }

    private sealed class Failures
    {
        public Exception? First { get; private set; }

        public void Add(Exception failure) => First ??= failure;
    }
}
