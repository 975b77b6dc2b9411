using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>Of which epochs a host knows. No epoch is used twice, so a new one is greater than each of them. Pure.</summary>
internal static class SeenEpochs
{
    /// <summary>
    /// The newest one of which a host knows: by its memory, by storage, and by what it or its trainers were told. What cannot be an epoch is left out,
    /// because none could follow it.
    /// </summary>
    public static Epoch NewestOf(HostReport report) => report.Replicas
        .Select(replica => replica.Snapshot.Epoch).Append(report.Done.Epoch).Append(StoragePlanner.NewestEpoch(report)).Append(FenceOf(report))
        .Where(seen => seen.IsPossible).Max();

    /// <summary>The newest epoch that the host or one of its trainers was told of. Neither follows an earlier one.</summary>
    public static Epoch FenceOf(HostReport report) => report.Trainers.Select(trainer => trainer.Fence).Append(report.Fence)
        .Where(fence => fence.IsPossible).DefaultIfEmpty().Max();
}
