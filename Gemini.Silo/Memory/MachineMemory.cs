using System.Globalization;

namespace Gemini.Silo.Memory;

/// <summary>How much memory is still available, according to the kernel, and what bounds it.</summary>
internal static class MachineMemory
{
    private const string AvailableField = "MemAvailable:";
    private const string TotalField = "MemTotal:";

    /// <summary>Bytes that a new process can take without swapping, by machine and control groups; null if the kernel does not say.</summary>
    public static long? AvailableBytes() => Bounds("/").Select(bound => (long?)bound.FreeBytes).Min();

    /// <summary>
    /// How many processes the kernel has killed because memory ran out: in the control group of this process if the kernel says so, otherwise on the
    /// whole machine. Null: it does not say.
    /// </summary>
    /// <param name="root">Where /proc is.</param>
    public static long? OomKills(string root = "/") =>
        ControlGroups.OomKills(SystemText.Lines(Path.Join(root, "proc/self/cgroup")), Mounts(root))
        ?? ControlGroups.OomKills(Path.Join(root, "proc/vmstat"));

    /// <summary>
    /// All bounds for new files in a folder: its file system and, if that one is in memory, also the machine and the control groups of this process,
    /// because a file's pages count against them. The folder need not exist yet.
    /// </summary>
    /// <param name="folder">An absolute path.</param>
    /// <param name="root">Where /proc is.</param>
    public static IReadOnlyList<MemoryBound> BoundsOf(string folder, string root = "/")
    {
        var existing = ExistingPartOf(folder);
        var drive = new DriveInfo(existing);
        var mount = Mounts(root).Of(existing);
        var isInMemory = mount is { IsInMemory: true };
        var files = new MemoryBound(
            isInMemory ? MemoryBoundKind.Tmpfs : MemoryBoundKind.Disk, mount?.Point ?? existing, drive.AvailableFreeSpace, drive.TotalSize);
        return isInMemory ? [files, .. Bounds(root)] : [files];
    }

    /// <summary>Free bytes of the file system of a folder. The folder need not exist yet.</summary>
    public static long FreeBytesOf(string folder) => new DriveInfo(ExistingPartOf(folder)).AvailableFreeSpace;

    private static string ExistingPartOf(string folder)
    {
        var existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing)) existing = Path.GetDirectoryName(existing) ?? "/";
        return existing;
    }

    /// <param name="lines">"MemAvailable:   23456 kB", among others.</param>
    /// <param name="field">The name of the wanted line, with its colon.</param>
    internal static long? Parse(IEnumerable<string> lines, string field = AvailableField)
    {
        var line = lines.FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal));
        if (line is null || !line.EndsWith(" kB", StringComparison.Ordinal)) return null;
        var number = line[field.Length..^3].Trim();
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes) ? kibibytes << 10 : null;
    }

    private static IEnumerable<MemoryBound> Bounds(string root)
    {
        var memory = SystemText.Lines(Path.Join(root, "proc/meminfo"));
        if (Parse(memory) is { } available) yield return new MemoryBound(MemoryBoundKind.Machine, "", available, Parse(memory, TotalField) ?? available);
        foreach (var bound in ControlGroups.Bounds(SystemText.Lines(Path.Join(root, "proc/self/cgroup")), Mounts(root))) yield return bound;
    }

    private static MountTable Mounts(string root) => new(SystemText.Lines(Path.Join(root, "proc/self/mountinfo")));
}
