using Gemini.Interfaces.Model;
using Gemini.Interfaces.Presets;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Demo;
using Gemini.Silo.Memory;
using Gemini.Silo.Status;

namespace Gemini.Silo.Tests.Lab.Demo;

public sealed class DemoPreflightTests
{
    [Fact]
    public void MemoryNeed_IsShardsTimesReplicasTimesSlots()
    {
        var need = MemoryNeed.Of(parameterCount: 1_000_000, ranks: 4, replicas: 2);

        Assert.Equal(16, need.Segments);
        Assert.Equal(SegmentLayout.FileBytes((250_000 * 12) + 65536, SegmentLayout.DefaultChunkBytes), need.SegmentBytes);
        Assert.Equal(16 * need.SegmentBytes, need.TotalBytes);
    }

    [Fact]
    public void MemoryNeed_WithStorage_HasOneStagingSegmentPerShard() =>
        Assert.Equal(20, MemoryNeed.Of(parameterCount: 1_000_000, ranks: 4, replicas: 2, isPersisted: true).Segments);

    [Fact]
    public void MemoryNeed_LargestModel_DoesNotOverflow() =>
        Assert.InRange(MemoryNeed.Of(ModelPresets.All[^1].ParameterCount, 64, 64).TotalBytes, 1L << 40, long.MaxValue);

    [Fact]
    public void Mode_RecoversFromStorage_WithoutStorage_NamesTheOption() => Assert.Contains(
        "--storage DIR",
        Assert.Throws<BadInputException>(
            () => DemoPreflight.Check(new DemoOptions { Mode = CheckpointMode.Strawman, Replicas = 1, Trainer = "/bin/sh" })).Message);

    [Fact]
    public void Mode_KeepsNoReplicas_WithReplicas_NamesTheOption() => Assert.Contains(
        "--replicas is 2",
        Assert.Throws<BadInputException>(
            () => DemoPreflight.Check(new DemoOptions { Mode = CheckpointMode.HighFreq, Storage = Path.GetTempPath(), Trainer = "/bin/sh" })).Message);

    [Fact]
    public void StorageConfiguration_HasTheInterval()
    {
        Assert.Equal(7, new DemoOptions { Storage = "/s", PersistEvery = 7 }.StorageConfiguration()!.EveryIterations);
        Assert.Null(new DemoOptions().StorageConfiguration());
    }

    [Fact]
    public void CheckMemory_JustEnough_Passes() => DemoPreflight.CheckMemory(new DemoOptions(), new MemoryNeed(16, 1000), [Tmpfs(16000)]);

    private static MemoryBound Tmpfs(long freeBytes) => new(MemoryBoundKind.Tmpfs, "/dev/shm", freeBytes, 1 << 20);

    [Fact]
    public void CheckMemory_OneByteShort_SaysWhatIsNeededAndWhatIsThere()
    {
        var error = Assert.Throws<BadInputException>(() => DemoPreflight.CheckMemory(new DemoOptions(), new MemoryNeed(16, 1000), [Tmpfs(15999)]));

        foreach (var part in (string[])["15999 bytes", "16000 bytes", "4 shards x 2 replicas x 2 slots", "--memory /dev/shm/gemini", "mount -o remount,size=2M /dev/shm"])
            Assert.Contains(part, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1023, "1023 bytes")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(157614080, "150.3 MiB")]
    public void ByteText_IsReadable(long bytes, string expected) => Assert.Equal(expected, ByteText.Of(bytes));
}
