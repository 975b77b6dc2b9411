using System.Collections.Concurrent;
using System.Globalization;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Gemini.Silo.Status;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>Asks for the job's status continuously: keeps the newest one, waits for a chosen one, and collects every commit that was seen.</summary>
internal sealed class JobView : IAsyncDisposable
{
    /// <summary>A client whose gateways have all died may take long to find new ones; a new client finds them at once.</summary>
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly HostConfiguration _configuration;
    private readonly TimeProvider _clock;
    private readonly Action<JobStatus> _seen;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<JobStatus> _commits = new();
    private readonly Task _loop;
    private Iteration _newestCommit;

    /// <param name="configuration">The configuration of any host.</param>
    /// <param name="clock">Measures the limits of waits.</param>
    /// <param name="seen">Receives every status.</param>
    public JobView(HostConfiguration configuration, TimeProvider clock, Action<JobStatus> seen)
    {
        (_configuration, _clock, _seen) = (configuration, clock, seen);
        _loop = Task.Run(WatchAsync);
    }

    public JobStatus? Latest { get; private set; }

    /// <summary>Statuses with new commits and their hashes, in order. Each is returned once.</summary>
    public IEnumerable<JobStatus> TakeCommits()
    {
        while (_commits.TryDequeue(out var status)) yield return status;
    }

    /// <exception cref="LabException">No such status within the limit; the message names <paramref name="what"/> and the state of the job.</exception>
    public async Task<JobStatus> WaitAsync(Func<JobStatus, bool> condition, TimeSpan limit, string what, CancellationToken ct)
    {
        var started = _clock.GetTimestamp();
        while (true)
        {
            if (Latest is { } status && condition(status)) return status;
            if (_clock.GetElapsedTime(started) > limit)
                throw new LabException(string.Create(CultureInfo.InvariantCulture, $"{what}: not within {limit.TotalSeconds:0} s; {Standing()}"));
            await Task.Delay(Poll, _clock, ct);
        }
    }

    public string Standing()
    {
        if (Latest is not { } status) return "the job has never answered";
        var hosts = status.Hosts.Select(host => $"{host.Report.Host}{(host.Alive ? "" : " lost")} {Place(host)} {host.Report.Done}"
            + string.Concat(host.Report.Trainers.Select(trainer => $" {trainer.State} at {trainer.Iteration}")));
        return $"{status.Phase} in epoch {status.Epoch}: {status.Reason} (committed {status.Committed}; {string.Join(", ", hosts)})";

        static string Place(HostStatus host) => host.Position is { } position ? $"at {position}" : "standby";
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await using var watcher = new StatusWatcher(_configuration, _clock);
            var answeredAt = _clock.GetTimestamp();
            try
            {
                await foreach (var status in watcher.WatchAsync(_stop.Token))
                {
                    if (status is not null)
                    {
                        answeredAt = _clock.GetTimestamp();
                        Note(status);
                    }
                    else if (_clock.GetElapsedTime(answeredAt) > SilenceLimit)
                    {
                        break;
                    }
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private void Note(JobStatus status)
    {
        if (!status.CommittedHashes.IsEmpty && status.Committed != _newestCommit)
        {
            _newestCommit = status.Committed;
            _commits.Enqueue(status);
        }

        Latest = status;
        _seen(status);
    }
}
