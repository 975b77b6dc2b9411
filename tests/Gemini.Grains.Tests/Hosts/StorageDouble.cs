using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>A storage tier that gives every shard, unless a test says otherwise. A shard's staging buffer takes its payload.</summary>
internal sealed class StorageDouble(List<string> journal) : IStorageTier
{
    public event Action? Changed;

    public PersistReport? PersistReport { get; private set; }

    public StoreReport? StoreReport { get; set; }

    public long StagedBytes { get; set; }

    /// <summary>How often the tier was woken.</summary>
    public int Wakes { get; private set; }

    /// <summary>Answers a load; see <see cref="IStorageTier.LoadAsync"/>.</summary>
    public Func<ShardDirective, Task<string?>> Answer { get; set; } = _ => Task.FromResult<string?>(null);

    public void Tell(PersistReport? report)
    {
        PersistReport = report;
        Changed?.Invoke();
    }

    public long StagingBytesFor(IEnumerable<ShardDirective> own) => own.Sum(shard => shard.PayloadBytes);

    public void EnsureStaging(IReadOnlyCollection<ShardDirective> own) => journal.Add($"storage makes {own.Count} staging buffers");

    public void Wake() => Wakes++;

    public Task<string?> LoadAsync(ShardDirective shard, SnapshotId snapshot, Epoch epoch, CancellationToken ct)
    {
        journal.Add($"storage loads {shard.Owner} of {snapshot}");
        return Answer(shard);
    }

    public void Refuse(SnapshotId snapshot, string reason) => journal.Add($"storage no longer offers {snapshot}: {reason}");
}
