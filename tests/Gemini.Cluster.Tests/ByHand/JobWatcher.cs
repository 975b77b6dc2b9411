using Gemini.Interfaces.Model;
using Gemini.Silo.Status;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>Waits until the root agent reports a given status of its job.</summary>
internal sealed class JobWatcher(string redis, string job) : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly JobClient _client = new(redis, job, TimeProvider.System);

    /// <summary>Asks until a status satisfies the condition, and returns that status.</summary>
    /// <param name="condition">A condition on the job's status.</param>
    /// <param name="what">A description of the condition, for the message.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="logs">The ends of the logs, for the message.</param>
    public async Task<JobStatus> WaitAsync(Func<JobStatus, bool> condition, string what, TimeSpan limit, Func<string> logs)
    {
        using var timer = new PeriodicTimer(PollInterval);
        var start = TimeProvider.System.GetTimestamp();
        JobStatus? last = null;
        while (await timer.WaitForNextTickAsync())
        {
            last = await _client.AskStatusAsync(CancellationToken.None) ?? last;
            if (last is not null && condition(last)) return last;
            if (TimeProvider.System.GetElapsedTime(start) > limit)
                Assert.Fail($"Waited {limit.TotalSeconds:0} s in vain for: {what}.\nLast answer: {Describe(last)}\n{logs()}");
        }

        throw new InvalidOperationException("The timer was disposed of.");
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private static string Describe(JobStatus? status) => status is null ? "none"
        : $"{status.Phase} ({status.Reason}), epoch {status.Epoch}, trained {status.Trained}, committed {status.Committed}, "
            + string.Join("; ", status.Hosts.Select(host => $"{host.Report.Host} alive {host.Alive} position {host.Position} silo {host.Report.SiloProcessId} "
                + string.Join(", ", host.Report.Trainers.Select(trainer => $"{trainer.State} {trainer.ProcessId}")) + $" {host.Report.Problem}"));
}
