using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Grains;

/// <summary>The calls that a checkpoint group makes of its job's root agent. Every call may be repeated.</summary>
[Alias("gemini.IGroupService")]
public interface IGroupService
{
    /// <summary>The job's specification as the record has it; null before the first start.</summary>
    [Alias("GetSpec")]
    Task<JobSpec?> GetSpecAsync();

    /// <summary>Each of the group's shards of this snapshot has its m replicas, with these hashes.</summary>
    [Alias("GroupComplete")]
    Task GroupCompleteAsync(int group, Epoch epoch, SnapshotId snapshot, ImmutableArray<Replica> shards);

    /// <summary>One of the group's ranks skipped this iteration.</summary>
    [Alias("GroupSkipped")]
    Task GroupSkippedAsync(int group, Epoch epoch, Iteration iteration);
}
