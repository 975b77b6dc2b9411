using System.Globalization;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Memory;

/// <summary>Checks whether shards fit, before the first of them is made.</summary>
internal static class MemoryBudget
{
    /// <summary>Null if <paramref name="neededBytes"/> fit; otherwise what is missing and what helps.</summary>
    /// <param name="neededBytes">Bytes of all segments that are to exist.</param>
    /// <param name="usedBytes">Bytes of the segments that exist. They are used again, or <paramref name="neededBytes"/> contains them.</param>
    /// <param name="bounds">The bounds on bytes that do not exist yet.</param>
    /// <param name="limitBytes">The configured limit, if any.</param>
    /// <param name="stagingBytes">The part of the needed bytes that is for persisting.</param>
    /// <param name="stayingBytes">The part of the needed bytes that is for copies of an earlier position, because other hosts may still fetch them.</param>
    public static string? Refuse(
        long neededBytes, long usedBytes, IReadOnlyList<MemoryBound> bounds, long? limitBytes, long stagingBytes = 0, long stayingBytes = 0)
    {
        var what = $"{HostPaths.SlotCount} slots per shard{(stagingBytes > 0 ? $" and {Bytes(stagingBytes)} to persist from" : "")}"
            + (stayingBytes > 0 ? $" ({Bytes(stayingBytes)} of it for shards that do not belong to this host's position)" : "");
        if (neededBytes > limitBytes)
        {
            return $"Host memory: {Bytes(neededBytes)} are needed for {what}, but the limit " +
                $"advanced.memory.limitBytes is {Bytes(limitBytes.Value)}. " +
                "Raise the limit, use fewer replicas or a smaller model.";
        }

        var newBytes = neededBytes - usedBytes;
        return Tightest(bounds) is { } bound && newBytes > bound.FreeBytes
            ? $"Host memory: {Bytes(neededBytes)} are needed for {what}, and {Bytes(usedBytes)} of them are there already, but "
                + $"{bound.Name} has {Bytes(bound.FreeBytes)} free. {bound.Fix(newBytes - bound.FreeBytes)}"
            : null;
    }

    /// <summary>The bound with the fewest free bytes; null if there is none.</summary>
    public static MemoryBound? Tightest(IEnumerable<MemoryBound> bounds) => bounds.MinBy(bound => bound.FreeBytes);

    /// <summary>Null if a guest's copy fits beside the memory that the host needs for itself; otherwise what is missing.</summary>
    /// <param name="neededBytes">Bytes of the guest's segment.</param>
    /// <param name="reservedBytes">Bytes that must stay free, because the host's own position will take them.</param>
    /// <param name="usedBytes">Bytes of the segments that exist.</param>
    /// <param name="freeBytes">Bytes that are still available.</param>
    /// <param name="limitBytes">The configured limit, if any.</param>
    public static string? RefuseGuest(long neededBytes, long reservedBytes, long usedBytes, long freeBytes, long? limitBytes)
    {
        var availableBytes = Math.Min(freeBytes, (limitBytes ?? long.MaxValue) - usedBytes) - reservedBytes;
        return neededBytes <= availableBytes ? null
            : $"a guest's copy needs {Bytes(neededBytes)}, but only {Bytes(Math.Max(0, availableBytes))} are free for guests";
    }

    private static string Bytes(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes ({bytes / (double)(1 << 20):F1} MiB)");
}
