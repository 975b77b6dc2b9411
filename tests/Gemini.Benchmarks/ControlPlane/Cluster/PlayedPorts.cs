using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>What a played host does not have: links that send bytes, storage, and other repeated work.</summary>
internal sealed class PlayedPorts : IReplicaLinks, ICopySource, IStorageTier, IBackgroundWork
{
    event Action? IStorageTier.Changed
    {
        add { }
        remove { }
    }

    event Action? IBackgroundWork.Changed
    {
        add { }
        remove { }
    }

    public ImmutableArray<PathReport> Paths => [];

    public TrafficReport? Traffic => null;

    public PersistReport? PersistReport => null;

    public StoreReport? StoreReport => null;

    public long StagedBytes => 0;

    public ScrubReport Scrub { get; } = new();

    public TransferReport Transfers { get; } = new();

    public long ManagedBytes => 0;

    public IEnumerable<HostLoop> Loops => [];

    public IReplicaLink Open(Rank owner, HostName holder, Func<string> endpoint) => new Link();

    public Task MeasureAsync(HostName holder, string endpoint, CancellationToken ct) => Task.CompletedTask;

    public Task<FetchOutcome> FetchAsync(string endpoint, Rank owner, SnapshotId snapshot, ContentHash expected, Epoch epoch, CancellationToken ct) =>
        Task.FromResult(new FetchOutcome(FetchResult.SourceRefused, 0, TimeSpan.Zero, "a played host has no bytes"));

    public long StagingBytesFor(IEnumerable<ShardDirective> own) => 0;

    public void EnsureStaging(IReadOnlyCollection<ShardDirective> own)
    {
    }

    public void Wake()
    {
    }

    public Task<string?> LoadAsync(ShardDirective shard, SnapshotId snapshot, Epoch epoch, CancellationToken ct) =>
        Task.FromResult<string?>("a played host has no storage");

    public void Refuse(SnapshotId snapshot, string reason)
    {
    }

    /// <summary>Copies arrive by the clock of <see cref="PlayedTraining"/>, so a link sends nothing.</summary>
    private sealed class Link : IReplicaLink
    {
        public event Action? ProblemChanged
        {
            add { }
            remove { }
        }

        public ReplicationProblem? Problem => null;

        public void Offer(SnapshotId snapshot, Epoch epoch, Iteration keep)
        {
        }

        public void Withdraw(SnapshotId snapshot)
        {
        }

        public void Reset(Epoch epoch)
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
