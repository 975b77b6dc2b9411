using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Persistence;

/// <summary>The storage tier of one host, for the rest of the host. In a job without storage it does nothing.</summary>
internal sealed class HostStorage : IStorageTier, IDisposable
{
    /// <summary>A write can end between two chunks. If storage hangs longer than this, its staging buffer stays until the process ends.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private readonly Persister? _persister;
    private readonly StoreLister? _lister;
    private readonly StorageLoader? _loader;
    private readonly StagingArea? _staging;
    private readonly TimeProvider _time;
    private Task _persisting = Task.CompletedTask;

    private HostStorage(TimeProvider time) => _time = time;

    private HostStorage(Persister persister, StoreLister lister, StorageLoader loader, StagingArea staging, TimeProvider time)
        : this(time)
    {
        (_persister, _lister, _loader, _staging) = (persister, lister, loader, staging);
        _persister.Changed += () => Changed?.Invoke();
        _lister.Changed += () => Changed?.Invoke();
    }

    /// <summary>A report has changed. Any thread, under no lock.</summary>
    public event Action? Changed;

    public PersistReport? PersistReport => _persister?.Report;

    public StoreReport? StoreReport => _lister?.Report;

    /// <summary>Bytes of host memory that the staging buffers take now.</summary>
    public long StagedBytes => _staging?.Bytes ?? 0;

    public static HostStorage None(TimeProvider time) => new(time);

    public static HostStorage Create(
        JobSpec job, ISnapshotStore store, HostMemory memory, StagingArea staging, HostState state, PersistenceOptions options,
        TimeProvider time, ILoggerFactory loggers)
    {
        var lister = new StoreLister(store, state, options, time, loggers.CreateLogger<StoreLister>());
        return new HostStorage(
            new Persister(job, job.Storage!, store, memory, staging, state, options, time, loggers.CreateLogger<Persister>()),
            lister,
            new StorageLoader(store, lister, memory, options, time, loggers.CreateLogger<StorageLoader>()),
            staging,
            time);
    }

    /// <summary>The loops of a host with storage; none without storage.</summary>
    public IEnumerable<HostLoop> Loops => _persister is null
        ? []
        :
        [
            new HostLoop("Persisting snapshots", ct => _persisting = _persister.PersistAsync(ct)) { Failed = _persister.OnFailed },
            new HostLoop("Looking into storage", _lister!.LookAsync),
        ];

    /// <summary>A directive, a seal or a commit has come: there may be something to do.</summary>
    public void Wake()
    {
        _persister?.Wake();
        _lister?.Wake();
    }

    /// <summary>Bytes of host memory that staging buffers for these own shards take.</summary>
    public long StagingBytesFor(IEnumerable<ShardDirective> own) => _staging?.BytesFor(own) ?? 0;

    /// <summary>Makes the staging buffers of these own shards.</summary>
    /// <exception cref="HostMemoryException">No room.</exception>
    public void EnsureStaging(IReadOnlyCollection<ShardDirective> own) => _staging?.Ensure(own);

    /// <summary>Loads the shard into own memory and verifies it; see <see cref="StorageLoader.LoadAsync"/>.</summary>
    public Task<StoreOutcome> LoadAsync(ShardDirective shard, SnapshotId snapshot, Epoch epoch, CancellationToken ct) => _loader is null
        ? Task.FromResult(new StoreOutcome(StoreResult.Missing, "this host has no storage configured"))
        : _loader.LoadAsync(shard, snapshot, epoch, ct);

    /// <summary>As the other <c>LoadAsync</c>, on a thread of the pool.</summary>
    async Task<string?> IStorageTier.LoadAsync(ShardDirective shard, SnapshotId snapshot, Epoch epoch, CancellationToken ct)
    {
        var outcome = await Task.Run(() => LoadAsync(shard, snapshot, epoch, ct), ct);
        if (outcome.Result == StoreResult.Unavailable) throw new IOException(outcome.Reason);
        return outcome.IsCompleted ? null : outcome.Reason;
    }

    /// <summary>The trainer refused a shard that was loaded from this snapshot.</summary>
    public void Refuse(SnapshotId snapshot, string reason) => _lister?.Refuse(snapshot, reason);

    /// <summary>Releases the staging buffers, unless a write still reads them. Call this after the loops were cancelled.</summary>
    public void Dispose()
    {
        var persisting = _persisting;
        var ended = Task.WhenAny(persisting, Task.Delay(StopLimit, _time)).GetAwaiter().GetResult();
        if (ended != persisting) return;
        _persister?.Dispose();
        _staging?.Dispose();
    }
}
