using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>Decides whether a guest may take the place of what a host holds of its shard. Pure.</summary>
/// <remarks>
/// A host has two slots for a shard. The committed iteration that is known may be a lower bound: after the loss of all silos nobody knows
/// of the last commits. So both the copy of that iteration and the newest one may be all that is left should the guest's snapshot not stay whole.
/// Where only one of the two is here, it is the newest, which no fetch overwrites.
/// </remarks>
public static class GuestPolicy
{
    /// <param name="held">What the host holds sealed of the shard.</param>
    /// <param name="committed">The newest iteration that is known to be committed.</param>
    /// <returns>Null: it may; else why not.</returns>
    public static string? Refusal(IReadOnlyCollection<SnapshotId> held, Iteration committed) =>
        held.Count > 1 && held.Any(snapshot => snapshot.Iteration == committed) && held.Max().Iteration > committed
            ? $"the committed snapshot of iteration {committed} and the newer {held.Max()} are both here, and may be needed"
            : null;
}
