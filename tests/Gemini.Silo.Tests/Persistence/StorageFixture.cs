using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;
using Gemini.Silo.Persistence;
using Gemini.Silo.Tests.Memory;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>The storage tier of a host at position 0 over real host memory and a store in plain memory. Time is fake.</summary>
internal sealed class StorageFixture : IAsyncDisposable
{
    public static readonly Rank Own = new(0);

    private readonly CancellationTokenSource _stop = new();
    private readonly StagingArea _staging;
    private Task _running = Task.CompletedTask;

    public StorageFixture(ISnapshotStore? store = null)
    {
        Staging = _staging = new StagingArea(Memory.Paths, TestMemory.Job, TestMemory.ChunkBytes);
        Memory.Memory.EnsureShard(Own, TestMemory.PayloadBytes, ShardRole.Own);
        Storage = HostStorage.Create(
            Job, store ?? Store, Memory.Memory, _staging, State, new PersistenceOptions(), Time, NullLoggerFactory.Instance);
        Storage.EnsureStaging([Shard()]);
    }

    public static JobSpec Job { get; } = new()
    {
        Name = TestMemory.Job,
        Hosts = [new("host-a")],
        Replicas = 1,
        Storage = new StoragePolicy { EveryIterations = 5, Keep = 2 },
    };

    public TestMemory Memory { get; } = new();

    public MemoryStore Store { get; } = new();

    public HostState State { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    public StagingArea Staging { get; }

    public HostStorage Storage { get; }

    public PersistReport? Report => Storage.PersistReport;

    public static ShardDirective Shard(ContentHash? hash = null) => new()
    {
        Owner = Own,
        PayloadBytes = TestMemory.PayloadBytes,
        Hash = hash,
        InStorage = hash is not null,
    };

    /// <summary>Runs on threads of the pool, as in a silo: the tests' own context has few threads, and other tests block them.</summary>
    public void Start() => _running = Task.Run(() => HostLoop.RunAsync(Storage.Loops, Time, NullLogger.Instance, _stop.Token));

    /// <summary>Takes a directive, a commit or a seal like the worker agent.</summary>
    public void Direct(
        SnapshotId? persist, long committed = 0, long epoch = 1, DirectiveStep step = DirectiveStep.Run, ImmutableArray<StoredShard> manifest = default)
    {
        State.Take(new HostDirective
        {
            Version = new DirectiveVersion(new Epoch(epoch), step),
            Position = new HostPosition(0),
            Own = [Shard()],
            Persist = persist is { } snapshot ? new PersistDirective { Snapshot = snapshot, Manifest = manifest.IsDefault ? [] : manifest } : null,
            Committed = new Iteration(committed),
        });
        State.Commit(new Epoch(epoch), new Iteration(committed));
        Storage.Wake();
    }

    public Task UntilAsync(PersistStage stage) => Wait.UntilAsync(() => Report?.Stage == stage, $"stage {stage}, which is {Report?.Stage} {Report?.Problem}");

    /// <summary>Persists a snapshot completely.</summary>
    public async Task PersistAsync(SnapshotId snapshot, int slot = 0)
    {
        Memory.Capture(Own, slot, snapshot);
        Direct(snapshot, snapshot.Iteration.Value, snapshot.Epoch.Value);
        await UntilAsync(PersistStage.Stored);
        Direct(snapshot, snapshot.Iteration.Value, snapshot.Epoch.Value, manifest: Report!.Shards);
        await UntilAsync(PersistStage.Completed);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Storage.Dispose();
        Memory.Dispose();
        _stop.Dispose();
    }
}
