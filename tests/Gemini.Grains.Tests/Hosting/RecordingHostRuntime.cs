using System.Collections.Concurrent;
using Gemini.Grains.Hosting;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosting;

/// <summary>Records the calls that the worker agent passes on.</summary>
public sealed class RecordingHostRuntime(HostName host, JobSpec job) : IHostRuntime
{
    private readonly TaskCompletionSource<HostDirective> _directed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sequence;

    public HostName Host => host;

    public ConcurrentQueue<string> Calls { get; } = [];

    /// <summary>The first directive. The root agent does not wait until hosts have their directives.</summary>
    public Task<HostDirective> FirstDirective => _directed.Task.WaitAsync(TimeSpan.FromSeconds(20));

    public HostReport Direct(HostDirective directive)
    {
        _directed.TrySetResult(directive);
        return Report();
    }

    public HostReport Report() => new()
    {
        Host = host,
        Incarnation = 1,
        Sequence = Interlocked.Increment(ref _sequence),
        SpecFingerprint = job.Fingerprint(),
        DataEndpoint = "127.0.0.1:1",
    };

    public void Commit(Epoch epoch, Iteration iteration) => Calls.Enqueue($"commit {iteration}@{epoch}");

    public void Abandon(Epoch epoch, Iteration iteration) => Calls.Enqueue($"abandon {iteration}@{epoch}");

    public Task<TrainerMembership?> JoinAsync(int localIndex) =>
        Task.FromResult<TrainerMembership?>(new TrainerMembership(new Rank(localIndex), job.WorldSize, job, host));

    public void DeclareShard(Rank rank, long payloadBytes) => Calls.Enqueue($"declare {rank} {payloadBytes}");

    public Task<RestorePoint?> GetRestorePointAsync(Rank rank, Epoch after) => Task.FromResult<RestorePoint?>(null);

    public void Loaded(Rank rank, Epoch epoch) => Calls.Enqueue($"loaded {rank} {epoch}");

    public Task<bool> RejectCopyAsync(Rank rank, Epoch epoch, SnapshotId snapshot, string reason)
    {
        Calls.Enqueue($"reject {rank} {snapshot} {reason}");
        return Task.FromResult(true);
    }

    public void Seal(Rank rank, SnapshotId snapshot, ContentHash hash) => Calls.Enqueue($"seal {rank} {snapshot}");

    public void Skip(Rank rank, SnapshotId snapshot) => Calls.Enqueue($"skip {rank} {snapshot}");

    public Task<bool> StagedAsync(SnapshotId snapshot)
    {
        Calls.Enqueue($"staged {snapshot}");
        return Task.FromResult(true);
    }
}
