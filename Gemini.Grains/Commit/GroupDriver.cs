using System.Collections.Immutable;
using Gemini.Grains.Placement;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Commit;

/// <summary>
/// A checkpoint group without Orleans: gives announcements to its <see cref="CommitLedger"/>, and tells the root agent what follows. It stores nothing
/// durably. A group that starts again gets everything again, because each host repeats its announcement until it learns of the commit.
/// </summary>
/// <remarks>
/// Runs on one thread at a time: in the turns of a grain, or in the simulation's event loop. A call may come while other calls wait for the root agent.
/// </remarks>
/// <param name="index">The group's index in the placement.</param>
/// <param name="root">The root agent. If one of its calls fails, the announcement fails, and the host repeats it.</param>
/// <param name="logger">The log.</param>
internal sealed partial class GroupDriver(int index, IGroupService root, ILogger logger)
{
    private readonly ILogger _logger = logger;
    private CommitLedger? _ledger;

    /// <inheritdoc cref="ICheckpointGroup.AnnounceAsync"/>
    public async Task AnnounceAsync(HostPosition holder, Epoch epoch, ImmutableArray<Replica> replicas, ImmutableArray<Iteration> skipped)
    {
        if (await LedgerAsync() is not { } ledger) return;
        var outcome = ledger.Announce(holder, epoch, replicas, skipped);
        foreach (var conflict in outcome.Conflicts) LogConflict(conflict);
        foreach (var complete in outcome.Complete) await root.GroupCompleteAsync(index, epoch, complete.Snapshot, complete.Shards);
        foreach (var iteration in outcome.Skipped) await root.GroupSkippedAsync(index, epoch, iteration);
    }

    /// <inheritdoc cref="ICheckpointGroup.GetLedgerAsync"/>
    public async Task<GroupLedger> GetLedgerAsync() =>
        await LedgerAsync() is { } ledger ? new GroupLedger(index, ledger.Epoch, ledger.Entries()) : new GroupLedger(index, Epoch.Zero, []);

    /// <summary>
    /// Made from the recorded specification, not from the configuration of a host: the record decides how many copies make a commit. Null before the
    /// first start, when nothing is recorded: then there is nothing to announce either.
    /// </summary>
    private async Task<CommitLedger?> LedgerAsync()
    {
        if (_ledger is not null || await root.GetSpecAsync() is not { } spec) return _ledger;
        var placement = JobPlacement.PlanOf(spec);
        // Another call may have made it while this one waited for the root agent.
        return _ledger ??= new CommitLedger(spec, placement, placement.Groups[index]);
    }

    [LoggerMessage(EventIds.GroupConflict, LogLevel.Error,
        "Two copies of one shard have different hashes. The copy that differs from the owner's is not counted: {Conflict}")]
    private partial void LogConflict(ReplicaConflict conflict);
}
