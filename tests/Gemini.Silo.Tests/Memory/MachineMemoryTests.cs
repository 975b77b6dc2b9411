using Gemini.Silo.Memory;

namespace Gemini.Silo.Tests.Memory;

/// <summary>The limits of host memory, read from files in the kernel's format.</summary>
public sealed class MachineMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public MachineMemoryTests()
    {
        Write("proc/meminfo", "MemTotal:       1000 kB", "MemAvailable:    600 kB");
        Write("proc/self/mountinfo", "24 1 0:6 / / rw - ext4 /dev/sda rw", $"25 24 0:23 / {Mount} rw,relatime shared:3 - tmpfs tmpfs rw,size=9k");
    }

    private string Root => _folder.Path;

    private string Mount => Path.Combine(Root, "shm");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void BoundsOf_AFolderThatIsNotThereYet_NamesTheMountPointThatItWillBeOn()
    {
        var bounds = Bounds();
        Assert.Equal((MemoryBoundKind.Tmpfs, Mount), (bounds[0].Kind, bounds[0].Path));
        Assert.Equal(new MemoryBound(MemoryBoundKind.Machine, "", 600 << 10, 1000 << 10), bounds[1]);
        Assert.Equal(2, bounds.Count);
    }

    [Fact]
    public void BoundsOf_AFolderOnADisk_AreThoseOfTheDiskAlone() =>
        Assert.Equal(MemoryBoundKind.Disk, Assert.Single(MachineMemory.BoundsOf(Path.Combine(Root, "proc"), Root)).Kind);

    [Fact]
    public void BoundsOf_ControlGroupOfVersion2_CountsEveryLimitUpToTheTop()
    {
        Write("proc/self/cgroup", "0::/jobs/one");
        MountMore("30 24 0:28 / " + Path.Combine(Root, "cgroup") + " rw - cgroup2 cgroup2 rw");
        Write("cgroup/jobs/memory.max", "1000");
        Write("cgroup/jobs/memory.current", "900");
        Write("cgroup/jobs/memory.stat", "anon 100", "inactive_file 300");
        Write("cgroup/jobs/one/memory.max", "max");
        Write("cgroup/jobs/one/memory.current", "900");

        var group = Assert.Single(Bounds(), bound => bound.Kind == MemoryBoundKind.ControlGroup);
        Assert.Equal((400, 1000), (group.FreeBytes, group.TotalBytes));
        Assert.Equal(Path.Combine(Root, "cgroup/jobs/memory.max"), group.Path);
        Assert.Contains("Raise its limit to 1500 bytes", group.Fix(500), StringComparison.Ordinal);
        Assert.Equal(group, MemoryBudget.Tightest(Bounds()));
    }

    [Fact]
    public void OomKills_AreThoseOfTheOwnControlGroup_ElseOfTheMachine()
    {
        Assert.Null(MachineMemory.OomKills(Root));
        Write("proc/vmstat", "nr_free_pages 9", "oom_kill 12");
        Assert.Equal(12, MachineMemory.OomKills(Root));

        Write("proc/self/cgroup", "0::/jobs/one");
        MountMore("30 24 0:28 / " + Path.Combine(Root, "cgroup") + " rw - cgroup2 cgroup2 rw");
        Write("cgroup/jobs/memory.events", "oom 5", "oom_kill 5");
        Write("cgroup/jobs/one/memory.events", "low 0", "oom 2", "oom_kill 3", "oom_group_kill 0");
        Assert.Equal(3, MachineMemory.OomKills(Root));
    }

    [Fact]
    public void OomKills_ControlGroupOfVersion1()
    {
        Write("proc/self/cgroup", "4:cpu,memory:/docker/abc");
        MountMore("30 24 0:28 /docker/abc " + Path.Combine(Root, "memory") + " ro - cgroup cgroup rw,memory");
        Write("memory/memory.oom_control", "oom_kill_disable 0", "under_oom 0", "oom_kill 7");
        Assert.Equal(7, MachineMemory.OomKills(Root));
    }

    [Fact]
    public void BoundsOf_ControlGroupOfVersion1InAContainer_IsThatAtTheMountPoint()
    {
        Write("proc/self/cgroup", "8:pids:/", "4:cpu,memory:/docker/abc");
        MountMore("30 24 0:28 /docker/abc " + Path.Combine(Root, "memory") + " ro - cgroup cgroup rw,memory");
        Write("memory/memory.limit_in_bytes", "5000");
        Write("memory/memory.usage_in_bytes", "4000");
        Write("memory/memory.stat", "total_inactive_file 500");
        var group = Assert.Single(Bounds(), bound => bound.Kind == MemoryBoundKind.ControlGroup);
        Assert.Equal((1500, 5000), (group.FreeBytes, group.TotalBytes));
    }

    [Fact]
    public void BoundsOf_ControlGroupWithoutALimit_IsNone()
    {
        Write("proc/self/cgroup", "4:memory:/");
        MountMore("30 24 0:28 / " + Path.Combine(Root, "memory") + " rw - cgroup cgroup rw,memory");
        Write("memory/memory.limit_in_bytes", "9223372036854771712");
        Write("memory/memory.usage_in_bytes", "4000");
        Assert.DoesNotContain(Bounds(), bound => bound.Kind == MemoryBoundKind.ControlGroup);
    }

    [Fact]
    public void Mounts_TwoAtOnePlace_TheLaterHidesTheEarlier()
    {
        var table = new MountTable(["1 0 0:1 / / rw - ext4 a rw", "2 1 0:2 / /a\\040b rw - tmpfs b rw", "3 1 0:3 / /a\\040b rw - ramfs c rw", "nonsense"]);
        Assert.Equal("ramfs", table.Of("/a b/c")!.Type);
        Assert.Equal("ext4", table.Of("/a bc")!.Type);
    }

    [Fact]
    public void BoundsOf_TheRealMachine_HaveTheFileSystemFirst()
    {
        var bounds = MachineMemory.BoundsOf("/dev/shm/gemini-none/job/host");
        Assert.Equal("/dev/shm", bounds[0].Path);
        Assert.All(bounds, bound => Assert.InRange(bound.FreeBytes, 0, bound.TotalBytes));
    }

    private IReadOnlyList<MemoryBound> Bounds() => MachineMemory.BoundsOf(Path.Combine(Mount, "job/host"), Root);

    private void MountMore(string line) => File.AppendAllLines(Path.Combine(Root, "proc/self/mountinfo"), [line]);

    private void Write(string name, params string[] lines)
    {
        Directory.CreateDirectory(Mount);
        _folder.Write(name, string.Concat(lines.Select(line => line + "\n")));
    }
}
