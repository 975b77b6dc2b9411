using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Gemini.Silo.Status;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>
/// Waits until the root agent reports a given status of its job. It asks only while a test waits, so no answer is older than what the test has done
/// before. The lab's JobView asks all the time, and its newest answer may be from before a kill.
/// </summary>
internal sealed class JobWatcher(HostConfiguration configuration) : IAsyncDisposable
{
    private readonly StatusWatcher _watcher = new(configuration, TimeProvider.System);

    /// <summary>Asks until a status satisfies the condition, and returns that status.</summary>
    /// <param name="condition">A condition on the job's status.</param>
    /// <param name="what">A description of the condition, for the message.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="logs">The ends of the logs, for the message.</param>
    public async Task<JobStatus> WaitAsync(Func<JobStatus, bool> condition, string what, TimeSpan limit, Func<string> logs)
    {
        var start = TimeProvider.System.GetTimestamp();
        JobStatus? last = null;
        await foreach (var answer in _watcher.WatchAsync(CancellationToken.None))
        {
            last = answer ?? last;
            if (last is not null && condition(last)) return last;
            if (TimeProvider.System.GetElapsedTime(start) > limit)
                Assert.Fail($"Waited {limit.TotalSeconds:0} s in vain for: {what}.\nLast answer: {Describe(last)}\n{logs()}");
        }

        throw new InvalidOperationException("The watcher asks until it is stopped.");
    }

    public ValueTask DisposeAsync() => _watcher.DisposeAsync();

    private static string Describe(JobStatus? status) => status is null ? "none"
        : $"{status.Phase} ({status.Reason}), epoch {status.Epoch}, trained {status.Trained}, committed {status.Committed}, "
            + string.Join("; ", status.Hosts.Select(host => $"{host.Report.Host} alive {host.Alive} position {host.Position} silo {host.Report.SiloProcessId} "
                + string.Join(", ", host.Report.Trainers.Select(trainer => $"{trainer.State} {trainer.ProcessId}")) + $" {host.Report.Problem}"));
}
