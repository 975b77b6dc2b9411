using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;
using Gemini.Silo.Status;

namespace Gemini.Silo.Tests.Status;

/// <summary>What gemini preflight says about this machine's memory.</summary>
public sealed class PreflightMemoryTests
{
    private const long GiB = 1L << 30;

    private static readonly MemoryBound[] Bounds =
    [
        new(MemoryBoundKind.Tmpfs, "/dev/shm", 8 * GiB, 12 * GiB),
        new(MemoryBoundKind.Machine, "", 7 * GiB, 24 * GiB),
        new(MemoryBoundKind.ControlGroup, "/sys/fs/cgroup/memory.max", 6 * GiB, 16 * GiB),
    ];

    [Fact]
    public void Fits_NamesTheNeedAndEveryBound()
    {
        var (text, fits) = PreflightMemory.Of(Host(needed: 4 * GiB, used: GiB), Bounds, limitBytes: null);
        Assert.True(fits);
        Assert.Equal("memory: its position needs 4 GiB, of which 1 GiB are there; /dev/shm has 8 GiB free, this machine has 7 GiB free, "
            + "the control group with the limit /sys/fs/cgroup/memory.max has 6 GiB free", text);
    }

    [Theory]
    [InlineData(7, true)]
    [InlineData(8, false)]
    public void TheTightestBoundDecides(long neededGiB, bool fits)
    {
        // A GiB is there already, and the control group has room for six more.
        var (text, actual) = PreflightMemory.Of(Host(neededGiB * GiB, used: GiB), Bounds, limitBytes: null);
        Assert.Equal(fits, actual);
        if (!fits) Assert.Contains($"Raise its limit to {17 * GiB} bytes", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ConfiguredLimit_IsABoundToo()
    {
        var (text, fits) = PreflightMemory.Of(Host(needed: 4 * GiB, used: 4 * GiB), Bounds, limitBytes: 3 * GiB);
        Assert.False(fits);
        Assert.Contains("advanced.memory.limitBytes", text, StringComparison.Ordinal);
    }

    [Fact]
    public void SizesAreNotKnown_SaysSo()
    {
        var (text, fits) = PreflightMemory.Of(Host(needed: 0, used: 0), Bounds, limitBytes: null);
        Assert.True(fits);
        Assert.Contains("have not said yet", text, StringComparison.Ordinal);
    }

    private static HostStatus Host(long needed, long used)
    {
        var host = StatusSamples.Status().Hosts[0];
        return host with { NeededBytes = needed, Report = host.Report with { MemoryBytes = used } };
    }
}
