using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>
/// Persistent storage as one host sees it. It follows <see cref="HostState.Directive"/> by itself: it looks while the job halts, and persists what it
/// is asked to. A job without storage has one that does nothing.
/// </summary>
public interface IStorageTier
{
    /// <summary>A report has changed. Any thread, under no lock.</summary>
    event Action? Changed;

    /// <summary>How far the snapshot that the directive names has come; null when it names none.</summary>
    PersistReport? PersistReport { get; }

    /// <summary>What is in storage; null for a job without.</summary>
    StoreReport? StoreReport { get; }

    /// <summary>Bytes of host memory that staging takes now.</summary>
    long StagedBytes { get; }

    /// <summary>Bytes of host memory that staging of these own shards takes.</summary>
    long StagingBytesFor(IEnumerable<ShardDirective> own);

    /// <summary>Has the staging buffers of these own shards.</summary>
    /// <exception cref="IOException">There is no room.</exception>
    void EnsureStaging(IReadOnlyCollection<ShardDirective> own);

    /// <summary>There is a directive, a seal or a commit.</summary>
    void Wake();

    /// <summary>Has the shard, verified, in own memory.</summary>
    /// <returns>Null when it is here; else why it never will be.</returns>
    /// <exception cref="IOException">Storage does not answer now. Try again.</exception>
    Task<string?> LoadAsync(ShardDirective shard, SnapshotId snapshot, Epoch epoch, CancellationToken ct);

    /// <summary>A trainer refused what was loaded from this snapshot: it is not offered again.</summary>
    void Refuse(SnapshotId snapshot, string reason);
}
