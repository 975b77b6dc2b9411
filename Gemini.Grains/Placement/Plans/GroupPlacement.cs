namespace Gemini.Grains.Placement.Plans;

/// <summary>Disjoint groups of m hosts. Every member of a group holds every other member's shards.</summary>
/// <remarks>
/// GEMINI (SOSP'23) §4, group placement; Theorem 1 (1): optimal for k = m. Valid for m | N. For these N, <see cref="MixedPlacement"/> is the same
/// placement; it exists for every N ≥ m. Checked by: ReplicaPlacementTests.
/// </remarks>
public static class GroupPlacement
{
    /// <param name="hostCount">N, a multiple of m.</param>
    /// <param name="replicas">m ≥ 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">m &lt; 1 or N &lt; m.</exception>
    /// <exception cref="ArgumentException">m does not divide N.</exception>
    public static PlacementPlan Create(int hostCount, int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(hostCount, replicas);
        if (hostCount % replicas != 0)
        {
            throw new ArgumentException(
                $"group placement needs m | N, but {hostCount} hosts are no multiple of {replicas} replicas; use mixed placement, or "
                + $"{hostCount - (hostCount % replicas)} hosts", nameof(hostCount));
        }

        return MixedPlacement.Create(hostCount, replicas);
    }
}
