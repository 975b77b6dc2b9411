using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>Decides whether a guest may overwrite a copy of its shard that this host holds. Pure.</summary>
/// <remarks>
/// A host has two slots for a shard. The known committed iteration may be a lower bound: after the loss of all silos, nobody knows the last commits.
/// So there are two copies that may be needed: the one of that iteration and the newest one. Either may be the last one if the guest's snapshot
/// becomes incomplete. So a host that holds both refuses the guest. If it holds only one, that is the newest, and a fetch never overwrites the newest.
/// </remarks>
public static class GuestPolicy
{
    /// <param name="held">The sealed snapshots of the shard on this host.</param>
    /// <param name="committed">The newest iteration that is known to be committed.</param>
    /// <returns>Null if it may; otherwise the reason why not.</returns>
    public static string? Refusal(IReadOnlyCollection<SnapshotId> held, Iteration committed) =>
        held.Count > 1 && held.Any(snapshot => snapshot.Iteration == committed) && held.Max().Iteration > committed
            ? $"this host holds the committed snapshot of iteration {committed} and the newer {held.Max()}, and both may be needed"
            : null;
}
