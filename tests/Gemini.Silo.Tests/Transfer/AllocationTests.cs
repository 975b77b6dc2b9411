using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;
using Gemini.Silo.Tests.Memory;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>Runs alone in its collection, because it counts the allocations of the whole process.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationCollection;

/// <summary>The data path allocates nothing per chunk.</summary>
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    private const int ChunkCount = 8192;

    /// <summary>For the whole transfer: leases, tasks, log states, the waiting test. This is 8 bytes per chunk, less than any object.</summary>
    private const long ToleranceBytes = 64 * 1024;

    [Fact]
    public async Task Replicate_ThousandsOfChunks_AllocatesNothingForEach()
    {
        await using var owner = new TestHost();
        await using var holder = await new TestHost().ListenAsync();
        owner.Memory.EnsureShard(new Rank(0), (long)ChunkCount * ChunkBytes, ShardRole.Own);
        holder.Memory.EnsureShard(new Rank(0), (long)ChunkCount * ChunkBytes);
        var sender = owner.SendTo(holder.Endpoint);
        var least = long.MaxValue;
        for (var iteration = 1; iteration <= 6; iteration++)
        {
            owner.Files.Capture(new Rank(0), iteration % 2, Snapshot(iteration));
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await sender.OfferAndAwaitAsync(Snapshot(iteration), keep: iteration - 1);
            if (iteration > 2) least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{least} bytes for {ChunkCount} chunks");
        Assert.True(least < ToleranceBytes, $"{least} bytes were allocated for {ChunkCount} chunks.");
    }
}
