using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>
/// Persistent storage as one host sees it. It follows <see cref="HostState.Directive"/> by itself: it looks into storage while the job halts, and
/// persists the snapshot that the directive names. For a job without storage, it does nothing.
/// </summary>
public interface IStorageTier
{
    /// <summary>A report has changed. Any thread, under no lock.</summary>
    event Action? Changed;

    /// <summary>How far the snapshot that the directive names is persisted; null if the directive names none.</summary>
    PersistReport? PersistReport { get; }

    /// <summary>What is in storage; null for a job without storage.</summary>
    StoreReport? StoreReport { get; }

    /// <summary>Bytes of host memory that staging takes now.</summary>
    long StagedBytes { get; }

    /// <summary>Bytes of host memory that staging of these own shards takes.</summary>
    long StagingBytesFor(IEnumerable<ShardDirective> own);

    /// <summary>Makes the staging buffers of these own shards, if they do not exist.</summary>
    /// <exception cref="IOException">There is no room.</exception>
    void EnsureStaging(IReadOnlyCollection<ShardDirective> own);

    /// <summary>There is a directive, a seal or a commit.</summary>
    void Wake();

    /// <summary>Loads the shard into own memory, and verifies it.</summary>
    /// <returns>Null if the shard is here; otherwise the reason why another attempt would not help.</returns>
    /// <exception cref="IOException">Storage does not answer now. Try again.</exception>
    Task<string?> LoadAsync(ShardDirective shard, SnapshotId snapshot, Epoch epoch, CancellationToken ct);

    /// <summary>A trainer refused a shard that was loaded from this snapshot. The snapshot is not offered again.</summary>
    void Refuse(SnapshotId snapshot, string reason);
}
