using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Grains;

/// <summary>
/// The ledger of one placement group: which host holds which replica. Key: <c>JOB/group-K</c>. It forgets nothing that
/// matters when it moves: hosts report what they hold until they hear that it is committed.
/// </summary>
[Alias("gemini.ICheckpointGroup")]
public interface ICheckpointGroup : IGrainWithStringKey
{
    /// <summary>
    /// From a host of the group: replicas it holds sealed, and snapshots that its own ranks skipped. Idempotent. Replicas of
    /// an epoch older than the newest seen are ignored.
    /// </summary>
    [Alias("Announce")]
    Task AnnounceAsync(HostPosition holder, Epoch epoch, ImmutableArray<Replica> replicas, ImmutableArray<Iteration> skipped);

    /// <summary>The whole ledger: the root agent's commit record is made of it.</summary>
    [Alias("GetLedger")]
    Task<GroupLedger> GetLedgerAsync();
}
