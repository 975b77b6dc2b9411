using System.Runtime.CompilerServices;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Status;

/// <summary>Asks for a job's status repeatedly, from outside of the cluster.</summary>
/// <param name="configuration">Any host's configuration of the job.</param>
/// <param name="clock">Paces the questions.</param>
internal sealed class StatusWatcher(HostConfiguration configuration, TimeProvider clock) : IAsyncDisposable
{
    public static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly JobClient _client = new(configuration.Redis, configuration.Job.Name, clock);

    /// <summary>One item per question: the answer, or null if there was none.</summary>
    public async IAsyncEnumerable<JobStatus?> WatchAsync([EnumeratorCancellation] CancellationToken ct)
    {
        using var timer = new PeriodicTimer(PollInterval, clock);
        while (await timer.WaitForNextTickAsync(ct)) yield return await _client.AskStatusAsync(ct);
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
