using Gemini.Silo.Memory;

namespace Gemini.Silo.Tests.Memory;

/// <summary>The limits of control groups, from files that a kernel, a container or nobody has written.</summary>
public sealed class ControlGroupsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gemini-groups-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>The files of one group in version 2, and how many of its 1000 bytes are free; null: there is no limit that counts.</summary>
    [Theory]
    [InlineData("1000", "400", "inactive_file 0", 600L)]
    [InlineData("1000", "400", "inactive_file 150", 750L)]
    [InlineData("1000", "400", "anon 5\ninactive_file 150\nactive_file 9", 750L)]
    [InlineData("1000", "400", "total_inactive_file 150", 600L)]
    [InlineData("1000", "400", "inactive_file many", 600L)]
    [InlineData("1000", "400", null, 600L)]
    [InlineData("1000", "1000", "inactive_file 0", 0L)]
    [InlineData("1000", "5000", "inactive_file 0", 0L)]
    [InlineData("1000", null, "inactive_file 0", null)]
    [InlineData("1000", "", "inactive_file 0", null)]
    [InlineData("max", "400", "inactive_file 0", null)]
    [InlineData("-1", "400", "inactive_file 0", null)]
    [InlineData("", "400", "inactive_file 0", null)]
    [InlineData("1152921504606846976", "400", "inactive_file 0", null)]
    [InlineData("99999999999999999999", "400", "inactive_file 0", null)]
    [InlineData(null, "400", "inactive_file 0", null)]
    public void Bounds_OfOneGroup_AreItsLimitMinusWhatCannotBeFreed(string? limit, string? usage, string? stat, long? expected)
    {
        Write("g/memory.max", limit);
        Write("g/memory.current", usage);
        Write("g/memory.stat", stat);
        var bound = ControlGroups.Bounds(["0::/g"], Mounts("cgroup2", "/")).SingleOrDefault();
        Assert.Equal(expected, bound?.FreeBytes);
        if (bound is not null) Assert.Equal((Path.Combine(_root, "g/memory.max"), 1000L), (bound.Path, bound.TotalBytes));
    }

    [Fact]
    public void Bounds_OfNestedGroups_AreTheOwnFirstThenThoseAbove()
    {
        foreach (var (group, limit) in new[] { ("a/b/c", "300"), ("a/b", "200"), ("a", "100") })
        {
            Write($"{group}/memory.max", limit);
            Write($"{group}/memory.current", "0");
        }

        // Groups of the same version beside this one do not count.
        Write("a/other/memory.max", "1");
        Write("a/other/memory.current", "0");
        Assert.Equal([300L, 200L, 100L], ControlGroups.Bounds(["0::/a/b/c"], Mounts("cgroup2", "/")).Select(bound => bound.TotalBytes));
    }

    /// <summary>Machines that use both versions have their memory limits in version 1.</summary>
    [Fact]
    public void Bounds_BothVersions_AreBothRead()
    {
        Write("one/g/memory.limit_in_bytes", "500");
        Write("one/g/memory.usage_in_bytes", "100");
        Write("two/g/memory.max", "700");
        Write("two/g/memory.current", "100");
        var mounts = new MountTable(
        [
            $"30 24 0:28 / {_root}/one rw - cgroup cgroup rw,memory", $"31 24 0:29 / {_root}/cpu rw - cgroup cgroup rw,cpu",
            $"32 24 0:30 / {_root}/two rw - cgroup2 cgroup2 rw",
        ]);
        Assert.Equal([500L, 700L], ControlGroups.Bounds(["5:cpu:/g", "4:memory:/g", "0::/g"], mounts).Select(bound => bound.TotalBytes));
    }

    /// <summary>In a container, the path may be that of the machine. The mount then shows only the own group, or a part of the path.</summary>
    [Theory]
    [InlineData("/machine.slice/one", "/machine.slice/one", "")]
    [InlineData("/machine.slice/one/child", "/machine.slice/one", "child")]
    [InlineData("/elsewhere/not/visible", "/", "")]
    [InlineData("/machine.slice/onemore", "/machine.slice/one", "")]
    public void Bounds_InAContainer_AreThoseOfTheGroupThatItSees(string path, string mountRoot, string folder)
    {
        Write(Path.Combine(folder, "memory.max"), "1000");
        Write(Path.Combine(folder, "memory.current"), "1");
        Assert.Equal(Path.Combine(_root, folder, "memory.max"), ControlGroups.Bounds([$"0::{path}"], Mounts("cgroup2", mountRoot)).First().Path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0:")]
    [InlineData("nonsense")]
    [InlineData("7:pids:/g")]
    [InlineData("0:name=systemd:/g")]
    public void Bounds_LineOfAnotherKind_IsNone(string line)
    {
        Write("g/memory.max", "1000");
        Write("g/memory.current", "1");
        Assert.Empty(ControlGroups.Bounds([line], Mounts("cgroup2", "/")));
    }

    [Fact]
    public void Bounds_HierarchyIsNotMounted_IsNone() => Assert.Empty(ControlGroups.Bounds(["0::/g", "4:memory:/g"], Mounts("tmpfs", "/")));

    [Theory]
    [InlineData("oom 2\noom_kill 3\noom_group_kill 9", 3L)]
    [InlineData("oom_kill 0", 0L)]
    [InlineData("oom_kill many", null)]
    [InlineData("oom_killed 3", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void OomKills_AreReadFromTheirLineAlone(string? events, long? expected)
    {
        Write("g/memory.events", events);
        Assert.Equal(expected, ControlGroups.OomKills(["0::/g"], Mounts("cgroup2", "/")));
    }

    [Fact]
    public void OomKills_OwnGroupDoesNotSay_IsThatOfTheGroupAbove()
    {
        Write("a/memory.events", "oom_kill 4");
        Write("a/b/cgroup.procs", "1");
        Assert.Equal(4, ControlGroups.OomKills(["0::/a/b"], Mounts("cgroup2", "/")));
    }

    private MountTable Mounts(string type, string mountRoot) => new([$"30 24 0:28 {mountRoot} {_root} rw - {type} {type} rw,memory"]);

    /// <summary>Writes a file of a group; null: there is none.</summary>
    private void Write(string name, string? text)
    {
        var path = Path.Combine(_root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (text is not null) File.WriteAllText(path, text);
    }
}
