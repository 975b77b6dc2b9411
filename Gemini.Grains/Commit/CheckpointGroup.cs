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
/// The ledger of one placement group. It stores nothing durably. If it is activated again on another silo, the hosts announce again what they hold:
/// each host repeats its announcement until it learns of the commit.
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
    /// Made from the recorded specification, not from the configuration of this silo's host: the record decides how many copies make a commit. Before
    /// the first start nothing is recorded and nothing can be announced. Then the caller gets an empty ledger, which is not kept.
    /// </summary>
    private async Task<CommitLedger> LedgerAsync()
    {
        if (_ledger is not null) return _ledger;
        var recorded = await _root.GetSpecAsync();
        var spec = recorded ?? job;
        var placement = JobPlacement.PlanOf(spec);
        var ledger = new CommitLedger(spec, placement, placement.Groups[Index]);
        // Another call may have made it while this one waited for the root agent.
        if (recorded is not null) _ledger ??= ledger;
        return _ledger ?? ledger;
    }

    [LoggerMessage(2000, LogLevel.Error, "Two copies of one shard have different hashes. The copy that differs from the owner's is not counted: {Conflict}")]
    private partial void LogConflict(ReplicaConflict conflict);
}
