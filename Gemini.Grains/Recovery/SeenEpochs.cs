using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>The epochs that a host knows. No epoch is used twice, so a new epoch is greater than all of them. Pure.</summary>
internal static class SeenEpochs
{
    /// <summary>
    /// The newest epoch that a host knows: from its memory, from storage, and from what it or its trainers were told. A number that cannot be an
    /// epoch is left out, because no epoch could follow it.
    /// </summary>
    public static Epoch NewestOf(HostReport report) => report.Replicas
        .Select(replica => replica.Snapshot.Epoch).Append(report.Done.Epoch).Append(StoragePlanner.NewestEpoch(report)).Append(EpochFloorOf(report))
        .Where(seen => seen.IsPossible).Max();

    /// <summary>
    /// The epoch floor of the host: the newest epoch that the host or one of its trainers was told of. Neither accepts an earlier one.
    /// </summary>
    public static Epoch EpochFloorOf(HostReport report) => report.Trainers.Select(trainer => trainer.EpochFloor).Append(report.EpochFloor)
        .Where(floor => floor.IsPossible).DefaultIfEmpty().Max();
}
