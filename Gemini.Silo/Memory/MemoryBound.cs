using System.Globalization;

namespace Gemini.Silo.Memory;

/// <summary>One bound on the memory of new segments, and how people can raise it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">The mount point of a file system, or the file with a control group's limit; empty for the machine.</param>
/// <param name="FreeBytes">Bytes that are still available.</param>
/// <param name="TotalBytes">All bytes, used and free.</param>
internal sealed record MemoryBound(MemoryBoundKind Kind, string Path, long FreeBytes, long TotalBytes)
{
    /// <summary>For messages.</summary>
    public string Name => Kind switch
    {
        MemoryBoundKind.Machine => "this machine",
        MemoryBoundKind.ControlGroup => $"the control group with the limit {Path}",
        _ => Path,
    };

    /// <summary>What an operator can do to make room for this many more bytes.</summary>
    public string Fix(long missingBytes)
    {
        var wantedBytes = TotalBytes + missingBytes;
        var remedy = Kind switch
        {
            MemoryBoundKind.Tmpfs => string.Create(
                CultureInfo.InvariantCulture, $"Enlarge it (as root: mount -o remount,size={Mebibytes(wantedBytes)}M {Path})"),
            MemoryBoundKind.ControlGroup => string.Create(CultureInfo.InvariantCulture, $"Raise its limit to {wantedBytes} bytes"),
            MemoryBoundKind.Machine => "Stop other programs on this machine",
            _ => $"Make room on {Path}",
        };
        return $"{remedy}, use fewer replicas or a smaller model.";
    }

    /// <summary>Rounded up, because a size that is a little too small would be refused again.</summary>
    private static long Mebibytes(long bytes) => (bytes + (1 << 20) - 1) >> 20;
}
