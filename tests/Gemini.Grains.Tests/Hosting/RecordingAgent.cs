using System.Collections.Concurrent;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosting;

/// <summary>A worker agent that only records the calls to it.</summary>
public sealed class RecordingAgent(HostName host, JobSpec job) : IWorkerService
{
    private readonly TaskCompletionSource<HostDirective> _directed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile HostDirective _newest = new() { Version = default };
    private long _sequence;

    public HostName Host => host;

    public ConcurrentQueue<string> Calls { get; } = [];

    /// <summary>The first directive. The root agent does not wait until hosts have their directives.</summary>
    public Task<HostDirective> FirstDirective => _directed.Task.WaitAsync(TimeSpan.FromSeconds(20));

    public Task<HostReport> DirectAsync(HostDirective directive)
    {
        Calls.Enqueue($"direct {directive.Version}");
        if (directive.Version > _newest.Version) _newest = directive;
        _directed.TrySetResult(directive);
        return Task.FromResult(Report());
    }

    /// <summary>Reports that every directive is carried out, and that the host's trainer does as it says.</summary>
    public bool Obeys { get; set; }

    public HostReport Report()
    {
        var report = new HostReport
        {
            Host = host,
            Incarnation = 1,
            Sequence = Interlocked.Increment(ref _sequence),
            SpecFingerprint = job.Fingerprint(),
            DataEndpoint = "127.0.0.1:1",
        };
        if (!Obeys) return report;
        var (version, trains) = (_newest.Version, _newest.Version.Step >= DirectiveStep.Run);
        var trainer = new TrainerReport
        {
            LocalIndex = 0,
            State = trains ? TrainerState.Training : TrainerState.Waiting,
            Epoch = trains ? version.Epoch : default,
            EpochFloor = version.Epoch,
            RingEndpoint = "127.0.0.1:2",
            ShardBytes = 1000,
        };
        return report with { Done = version, EpochFloor = version.Epoch, Position = _newest.Position, Run = _newest.Run, Trainers = [trainer] };
    }

    public Task CommitAsync(Epoch epoch, Iteration iteration) => NoteAsync($"commit {iteration}@{epoch}");

    public Task AbandonAsync(Epoch epoch, Iteration iteration) => NoteAsync($"abandon {iteration}@{epoch}");

    public Task<TrainerMembership?> JoinAsync(int localIndex) =>
        Task.FromResult<TrainerMembership?>(new TrainerMembership(new Rank(localIndex), job.WorldSize, job, host));

    public Task DeclareShardAsync(Rank rank, long payloadBytes) => NoteAsync($"declare {rank} {payloadBytes}");

    public Task<RestorePoint?> GetRestorePointAsync(Rank rank, Epoch after)
    {
        Calls.Enqueue($"restore point {rank} after {after}");
        return Task.FromResult<RestorePoint?>(null);
    }

    public Task LoadedAsync(Rank rank, Epoch epoch) => NoteAsync($"loaded {rank} {epoch}");

    public Task<bool> RejectCopyAsync(Rank rank, Epoch epoch, SnapshotId snapshot, string reason)
    {
        Calls.Enqueue($"reject {rank} {snapshot} {reason}");
        return Task.FromResult(true);
    }

    public Task SealAsync(Rank rank, SnapshotId snapshot, ContentHash hash) => NoteAsync($"seal {rank} {snapshot}");

    public Task SkipAsync(Rank rank, SnapshotId snapshot) => NoteAsync($"skip {rank} {snapshot}");

    public Task<bool> StagedAsync(SnapshotId snapshot)
    {
        Calls.Enqueue($"staged {snapshot}");
        return Task.FromResult(true);
    }

    private Task NoteAsync(string call)
    {
        Calls.Enqueue(call);
        return Task.CompletedTask;
    }
}
