using System.Collections.Immutable;
using Gemini.Grains.Placement;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Gemini.Grains.Commit;

/// <summary>
/// The ledger of one placement group. Keeps nothing durable: where it comes up again, the hosts tell it anew what they hold,
/// as they do until they hear of the commit.
/// </summary>
[RandomPlacement, KeepAlive, Immovable, Reentrant]
public sealed partial class CheckpointGroup : Grain, ICheckpointGroup
{
    private readonly ILogger<CheckpointGroup> _logger;
    private readonly IRootAgent _root;
    private readonly PlacementGroup _group;
    private readonly CommitLedger _ledger;

    public CheckpointGroup(JobSpec job, IGrainFactory grains, ILogger<CheckpointGroup> logger)
    {
        _logger = logger;
        _root = grains.GetGrain<IRootAgent>(job.Name);
        var key = this.GetPrimaryKeyString();
        var placement = JobPlacement.PlanOf(job);
        _group = placement.Groups[int.Parse(key[(key.LastIndexOf('-') + 1)..], System.Globalization.CultureInfo.InvariantCulture)];
        _ledger = new CommitLedger(job, placement, _group);
    }

    public async Task AnnounceAsync(HostPosition holder, Epoch epoch, ImmutableArray<Replica> replicas, ImmutableArray<Iteration> skipped)
    {
        var outcome = _ledger.Announce(holder, epoch, replicas, skipped);
        foreach (var conflict in outcome.Conflicts) LogConflict(conflict);
        foreach (var complete in outcome.Complete) await _root.GroupCompleteAsync(_group.Index, epoch, complete.Snapshot, complete.Shards);
        foreach (var iteration in outcome.Skipped) await _root.GroupSkippedAsync(_group.Index, epoch, iteration);
    }

    public Task<GroupLedger> GetLedgerAsync() => Task.FromResult(new GroupLedger(_group.Index, _ledger.Epoch, _ledger.Entries()));

    [LoggerMessage(2000, LogLevel.Error, "Two copies of one shard differ, and the one that is not the owner's does not count: {Conflict}")]
    private partial void LogConflict(ReplicaConflict conflict);
}
