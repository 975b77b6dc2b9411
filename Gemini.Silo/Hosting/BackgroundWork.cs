using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;
using Gemini.Silo.Persistence;
using Gemini.Silo.Transfer;

namespace Gemini.Silo.Hosting;

/// <summary>The loops of this host's scrub and storage tier, and the one that follows the cluster's membership.</summary>
internal sealed class BackgroundWork(
    Scrubber scrubber, HostStorage storage, TransferCounters transfers, IClusterMembershipService membership) : IBackgroundWork
{
    private event Action? MembershipChanged;

    public event Action? Changed
    {
        add
        {
            scrubber.Changed += value;
            MembershipChanged += value;
        }

        remove
        {
            scrubber.Changed -= value;
            MembershipChanged -= value;
        }
    }

    public ScrubReport Scrub => scrubber.Report;

    public TransferReport Transfers => transfers.Report;

    public long ManagedBytes => GC.GetTotalMemory(forceFullCollection: false);

    public IEnumerable<HostLoop> Loops =>
    [
        new("The scrub of host memory", scrubber.ScrubAsync),
        new("Following the cluster's membership", FollowMembershipAsync),
        .. storage.Loops,
    ];

    /// <summary>
    /// Follows the cluster's membership. After each change, this host reports at once, so the root agent looks at the change at once. If the root
    /// agent's host is lost, the report also starts a new root agent.
    /// </summary>
    private async Task FollowMembershipAsync(CancellationToken ct)
    {
        await foreach (var _ in membership.MembershipUpdates.WithCancellation(ct)) MembershipChanged?.Invoke();
        throw new InvalidOperationException("the membership's updates have ended");
    }
}
