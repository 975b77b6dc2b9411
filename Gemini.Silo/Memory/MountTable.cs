namespace Gemini.Silo.Memory;

/// <summary>The file systems that this process sees, as <c>/proc/self/mountinfo</c> lists them.</summary>
internal sealed class MountTable
{
    private readonly List<Mount> _mounts;

    /// <param name="lines">"25 24 0:23 ROOT POINT rw,relatime [...] - TYPE SOURCE OPTIONS". Lines of another form are left out.</param>
    public MountTable(IEnumerable<string> lines) => _mounts = [.. lines.Select(Parse).OfType<Mount>()];

    public IReadOnlyList<Mount> Mounts => _mounts;

    /// <summary>The file system of an absolute path; null if the table does not say.</summary>
    public Mount? Of(string path) => _mounts
        // If two mounts have the same mount point, the later one hides the earlier.
        .Select((mount, index) => (mount, index))
        .Where(entry => IsBelow(path, entry.mount.Point))
        .OrderByDescending(entry => entry.mount.Point.Length)
        .ThenByDescending(entry => entry.index)
        .Select(entry => entry.mount)
        .FirstOrDefault();

    private static bool IsBelow(string path, string point) =>
        point == "/" || path == point || path.StartsWith(point + "/", StringComparison.Ordinal);

    private static Mount? Parse(string line)
    {
        var fields = line.Split(' ');
        var dash = Array.IndexOf(fields, "-");
        return dash < 6 || dash + 3 >= fields.Length ? null : new Mount(Unescape(fields[3]), Unescape(fields[4]), fields[dash + 1], fields[dash + 3]);
    }

    /// <summary>The kernel writes blanks, tabs and backslashes as three octal digits.</summary>
    private static string Unescape(string name) =>
        name.Replace(@"\040", " ", StringComparison.Ordinal).Replace(@"\011", "\t", StringComparison.Ordinal).Replace(@"\134", @"\", StringComparison.Ordinal);

    /// <param name="Root">The folder of the file system that is mounted.</param>
    /// <param name="Point">Where it is mounted.</param>
    /// <param name="Type">Its type, such as tmpfs.</param>
    /// <param name="Options">Its own options, separated by commas.</param>
    internal sealed record Mount(string Root, string Point, string Type, string Options)
    {
        public bool IsInMemory => Type is "tmpfs" or "ramfs" or "devtmpfs";
    }
}
