using System.Runtime.InteropServices;
using Gemini.Interfaces.Presets;
using Gemini.Trainer.Client.Collectives;
using Gemini.Trainer.Models;
using Gemini.Trainer.Tests.Client.Collectives;
using Gemini.Trainer.Tests.Models;
using Architecture = Gemini.Interfaces.Presets.Architecture;

namespace Gemini.Trainer.Tests.Sharding;

/// <summary>How much memory a step takes, as the C library counts it. Libtorch's tensors on the CPU are its allocations.</summary>
[Collection(nameof(MemoryOfAStepTests))]
public sealed partial class MemoryOfAStepTests
{
    /// <summary>Activations of the test's 16 tokens, and torch's random numbers before each block.</summary>
    private const long RestBytes = 1 << 20;

    /// <summary>The state is three shards: parameters and two moments. Whole parameters and gradients would be 15 blocks more of each.</summary>
    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public async Task Step_OfManyBlocks_TakesTheGradientShardAndTwoBlocksAndTheEmbedding(Architecture architecture)
    {
        var parameters = new ParameterLayout(
            new ModelShape("deep", architecture, Layers: 16, Hidden: 192, Heads: 2, Intermediate: 768, Context: 16, Vocabulary: 259));
        long block = parameters.Units[1].Count * sizeof(float), embedding = parameters.Units[0].Count * sizeof(float);
        Assert.True(block > RestBytes + embedding);

        using var rings = await TestRings.ConnectAsync(1);
        // The first time, libtorch also allocates what it keeps. At any time, .NET may compile a method in the background.
        var most = Enumerable.Range(0, 5).Min(_ => MostBytesOfAStep(parameters, rings.Rings[0]));
        var shard = parameters.Count * sizeof(float);
        Assert.InRange(most - (3 * shard), shard, shard + (2 * block) + embedding + RestBytes);
    }

    /// <summary>The most bytes at the beginning of any collective, when a unit is about to be gathered or its gradients are complete.</summary>
    private static long MostBytesOfAStep(ParameterLayout parameters, Ring ring)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers(); // Frees the tensors that other tests did not dispose.
        var before = AllocatedBytes();
        using var rank = new RankModel(parameters, 0, 1, dropout: 0.1);
        var most = AllocatedBytes();
        var collectives = new WatchedCollectives(ring, rank.Layout) { OnBegin = _ => most = Math.Max(most, AllocatedBytes()) };
        rank.Step(collectives, batch: 0);
        Assert.Equal((1 + 16 + 1 + 16) + (16 + 1), collectives.Calls.Count);
        return most - before;
    }

    /// <summary>The C library counts the whole process, so nothing else may run.</summary>
    [CollectionDefinition(nameof(MemoryOfAStepTests), DisableParallelization = true)]
    public sealed class Collection : ICollectionFixture<TorchCollection.Started>;

    private static long AllocatedBytes()
    {
        var counts = Count();
        return (long)(counts.MappedBytes + counts.UsedBytes);
    }

    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    private static partial AllocationCounts Count();

    /// <summary>struct mallinfo2: ten numbers of type size_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct AllocationCounts
    {
        public nuint ArenaBytes, FreeChunks, FreeFastChunks, Mappings;

        /// <summary>Allocations that are mappings of their own.</summary>
        public nuint MappedBytes;

        public nuint Unused, FreeFastBytes;

        /// <summary>All other allocations.</summary>
        public nuint UsedBytes;

        public nuint FreeBytes, TrimmableBytes;
    }
}
