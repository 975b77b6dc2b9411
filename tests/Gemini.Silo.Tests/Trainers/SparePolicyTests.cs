using Gemini.Silo.Memory;
using Gemini.Silo.Trainers;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>When a spare may be started, and how much memory the kernel reports as available.</summary>
public sealed class SparePolicyTests
{
    [Theory]
    [InlineData(1L << 30, true)]
    [InlineData((1L << 30) - 1, false)]
    [InlineData(null, true)]
    public void Evaluate_NeedsTheHeadroom_OrNotToKnow(long? availableBytes, bool expected)
    {
        var (start, reason) = SparePolicy.Evaluate(availableBytes, 1L << 30);
        Assert.Equal(expected, start);
        Assert.Equal(!expected, reason.Contains("less than 1024 MiB", StringComparison.Ordinal));
    }

    [Fact]
    public void MachineMemory_ReadsWhatTheKernelSays()
    {
        Assert.Equal(23L << 20, MachineMemory.Parse(["MemTotal:       24576000 kB", "MemAvailable:      23552 kB", "Buffers: 1 kB"]));
        Assert.Null(MachineMemory.Parse(["MemTotal:       24576000 kB"]));
        Assert.Null(MachineMemory.Parse(["MemAvailable:   much"]));
        Assert.InRange(MachineMemory.AvailableBytes()!.Value, 1 << 20, long.MaxValue);
    }
}
