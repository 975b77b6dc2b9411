using System.Globalization;

namespace Gemini.Silo.Memory;

/// <summary>The memory limits of the control groups of this process, in both versions, up to the topmost group that it sees.</summary>
internal static class ControlGroups
{
    /// <summary>In version 1, the kernel writes a number near the end of its range if there is no limit.</summary>
    private const long NoLimitBytes = 1L << 60;

    private const string OomKillField = "oom_kill ";

    /// <param name="lines">The lines of <c>/proc/self/cgroup</c>: "0::PATH" in version 2, "4:memory:PATH" in version 1.</param>
    /// <param name="mounts">The mount table, which says where the hierarchies are mounted.</param>
    public static IEnumerable<MemoryBound> Bounds(IEnumerable<string> lines, MountTable mounts) =>
        Folders(lines, mounts).Select(group => BoundOf(group.Folder, group.Version)).OfType<MemoryBound>();

    /// <summary>
    /// How many processes the kernel has killed because memory ran out, in the groups of this process and in those below. Null: the kernel does not
    /// say, as for the machine's topmost group.
    /// </summary>
    /// <param name="lines">Of <c>/proc/self/cgroup</c>.</param>
    /// <param name="mounts">The mount table, which says where the hierarchies are mounted.</param>
    public static long? OomKills(IEnumerable<string> lines, MountTable mounts) =>
        Folders(lines, mounts).Select(group => OomKills(Path.Combine(group.Folder, group.Version.EventsFile))).FirstOrDefault(kills => kills is not null);

    /// <summary>Reads the line "oom_kill 3", which is one of many.</summary>
    internal static long? OomKills(string path) => SystemText.Lines(path)
        .Where(line => line.StartsWith(OomKillField, StringComparison.Ordinal))
        .Select(line => Parse(line[OomKillField.Length..]))
        .FirstOrDefault();

    /// <summary>For each version: the own group first, then the groups above it.</summary>
    private static IEnumerable<(string Folder, Version Version)> Folders(IEnumerable<string> lines, MountTable mounts) =>
        lines.Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3).SelectMany(parts => parts switch
        {
            ["0", "", var path] => Folders(path, mounts.Mounts.FirstOrDefault(mount => mount.Type == "cgroup2"), Version.Two),
            [_, var controllers, var path] when controllers.Split(',').Contains("memory") => Folders(
                path, mounts.Mounts.FirstOrDefault(mount => mount.Type == "cgroup" && mount.Options.Split(',').Contains("memory")), Version.One),
            _ => [],
        });

    private static IEnumerable<(string Folder, Version Version)> Folders(string path, MountTable.Mount? mount, Version version)
    {
        if (mount is null) yield break;
        var inside = mount.Root != "/" && path.StartsWith(mount.Root, StringComparison.Ordinal) ? path[mount.Root.Length..] : path;
        var folder = Path.Join(mount.Point, inside).TrimEnd('/');
        // In a container, the path may be that of the machine. The container sees only its own group, at the mount point.
        if (!Directory.Exists(folder)) folder = mount.Point;
        for (; folder.Length >= mount.Point.Length; folder = Path.GetDirectoryName(folder) ?? "")
        {
            yield return (folder, version);
        }
    }

    private static MemoryBound? BoundOf(string folder, Version version)
    {
        var limitFile = Path.Combine(folder, version.LimitFile);
        if (Number(limitFile) is not { } limit || limit >= NoLimitBytes) return null;
        if (Number(Path.Combine(folder, version.UsageFile)) is not { } usage) return null;
        // The kernel frees pages of unused files by itself.
        var spare = SystemText.Lines(Path.Combine(folder, "memory.stat"))
            .Where(line => line.StartsWith(version.SpareField, StringComparison.Ordinal))
            .Select(line => Parse(line[version.SpareField.Length..]) ?? 0)
            .FirstOrDefault();
        return new MemoryBound(MemoryBoundKind.ControlGroup, limitFile, Math.Max(0, limit - (usage - spare)), limit);
    }

    private static long? Number(string path) => SystemText.Lines(path) is [var line, ..] ? Parse(line) : null;

    private static long? Parse(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private sealed record Version(string LimitFile, string UsageFile, string SpareField, string EventsFile)
    {
        public static readonly Version One = new("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ", "memory.oom_control");
        public static readonly Version Two = new("memory.max", "memory.current", "inactive_file ", "memory.events");
    }
}
