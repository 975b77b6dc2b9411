using System.Collections.Immutable;
using Gemini.Grains.Hosting;
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
public sealed partial class CheckpointGroup(JobSpec job, IGrainFactory grains, DirectoryEntries entries, ILogger<CheckpointGroup> logger)
    : Grain, ICheckpointGroup
{
    private readonly IRootAgent _root = grains.GetGrain<IRootAgent>(job.Name);
    private CommitLedger? _ledger;

    private int Index
    {
        get
        {
            var key = this.GetPrimaryKeyString();
            return int.Parse(key.AsSpan(key.LastIndexOf('-') + 1), System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        entries.Add(GrainContext);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        entries.Remove(GrainContext);
        return Task.CompletedTask;
    }

    public async Task AnnounceAsync(HostPosition holder, Epoch epoch, ImmutableArray<Replica> replicas, ImmutableArray<Iteration> skipped)
    {
        var outcome = (await LedgerAsync()).Announce(holder, epoch, replicas, skipped);
        foreach (var conflict in outcome.Conflicts) LogConflict(conflict);
        foreach (var complete in outcome.Complete) await _root.GroupCompleteAsync(Index, epoch, complete.Snapshot, complete.Shards);
        foreach (var iteration in outcome.Skipped) await _root.GroupSkippedAsync(Index, epoch, iteration);
    }

    public async Task<GroupLedger> GetLedgerAsync()
    {
        var ledger = await LedgerAsync();
        return new GroupLedger(Index, ledger.Epoch, ledger.Entries());
    }

    /// <summary>
    /// By the recorded specification: how many copies make a commit is not for this silo's own host to say. Before the first start
    /// there is none, nothing can be announced, and the empty ledger is not kept.
    /// </summary>
    private async Task<CommitLedger> LedgerAsync()
    {
        if (_ledger is not null) return _ledger;
        var recorded = await _root.GetSpecAsync();
        var spec = recorded ?? job;
        var placement = JobPlacement.PlanOf(spec);
        var ledger = new CommitLedger(spec, placement, placement.Groups[Index]);
        // Another call may have made it while the root agent was asked.
        if (recorded is not null) _ledger ??= ledger;
        return _ledger ?? ledger;
    }

    [LoggerMessage(2000, LogLevel.Error, "Two copies of one shard differ, and the one that is not the owner's does not count: {Conflict}")]
    private partial void LogConflict(ReplicaConflict conflict);
}
