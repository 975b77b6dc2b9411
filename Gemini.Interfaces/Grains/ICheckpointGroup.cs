using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Grains;

/// <summary>
/// The ledger of one placement group: which host holds which replica. Key: <c>JOB/group-K</c>. When the grain moves to another silo, nothing
/// important is lost: hosts announce what they hold until they learn that it is committed.
/// </summary>
[Alias("gemini.ICheckpointGroup")]
public interface ICheckpointGroup : IGrainWithStringKey
{
    /// <summary>
    /// From a host of the group: the sealed replicas that it holds, and the iterations that its own ranks skipped. Idempotent. A call for an epoch
    /// older than the newest that the group has seen is ignored.
    /// </summary>
    [Alias("Announce")]
    Task AnnounceAsync(HostPosition holder, Epoch epoch, ImmutableArray<Replica> replicas, ImmutableArray<Iteration> skipped);

    /// <summary>The whole ledger. The root agent makes its commit record from all ledgers.</summary>
    [Alias("GetLedger")]
    Task<GroupLedger> GetLedgerAsync();
}
