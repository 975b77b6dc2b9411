using System.Diagnostics;
using CsCheck;
using Gemini.Trainer.Client.Collectives;

namespace Gemini.Trainer.Tests.Client.Collectives;

public sealed class RingTests
{
    [Fact]
    public async Task Collectives_AnyRanksAndSizes_EqualTheNaiveOnes()
    {
        foreach (int worldSize in (int[])[1, 2, 3, 4, 7])
        {
            using var rings = await TestRings.ConnectAsync(worldSize);
            await Gen.Select(Gen.Int[0, 70_000], Gen.Int[0, 1_000_000]).SampleAsync(
                (count, seed) => CheckAsync(rings, count, seed), iter: 10, threads: 1);
            await CheckAsync(rings, 300_001, seed: 1); // Several chunks a segment.
        }
    }

    [Fact]
    public async Task AllReduceSum_OnEveryRank_IsTheSameSum()
    {
        using var rings = await TestRings.ConnectAsync(4);
        double[] sums = await rings.OnAllAsync(ring => ring.AllReduceSum(0.1 * (ring.Rank + 1)));
        Assert.All(sums, sum => Assert.Equal(0.1 + (0.1 * 2) + (0.1 * 3) + (0.1 * 4), sum));
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 4)]
    [InlineData(3, 0)]
    [InlineData(3, 1)]
    [InlineData(3, 100_001)]
    public async Task AllReduceSum_OfAnyLength_IsTheSumOnEveryRank(int worldSize, int length)
    {
        using var rings = await TestRings.ConnectAsync(worldSize);
        float[][] sums = await rings.OnAllAsync(ring =>
        {
            float[] values = [.. Enumerable.Range(0, length).Select(index => (float)(index + ring.Rank))];
            ring.AllReduceSum(values.AsSpan());
            return values;
        });
        float[] expected = [.. Enumerable.Range(0, length).Select(index => (float)((index * worldSize) + (worldSize * (worldSize - 1) / 2)))];
        Assert.All(sums, values => Assert.Equal(expected, values));
    }

    [Fact]
    public async Task Abort_OfABlockedCollective_ThrowsSoon()
    {
        using var rings = await TestRings.ConnectAsync(2);
        var blocked = TestRings.OnThreadAsync(() =>
            Assert.Throws<CollectiveAbortedException>(() => rings.Rings[0].AllGather(new float[1 << 20])));
        var clock = Stopwatch.StartNew();
        rings.Rings[0].Abort();
        await blocked.WaitAsync(TestRings.Limit);
        // The promise is 100 ms; the rest is for a loaded machine that does not schedule the thread in time.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Throws<CollectiveAbortedException>(() => rings.Rings[0].Barrier());
    }

    [Fact]
    public async Task PeerLost_WhileNobodyCommunicates_IsReportedToBothNeighbours()
    {
        using var rings = await TestRings.ConnectAsync(3);
        rings.Rings[1].Dispose();
        Assert.Equal(1, await rings.Rings[0].PeerLost.WaitAsync(TestRings.Limit));
        Assert.Equal(1, await rings.Rings[2].PeerLost.WaitAsync(TestRings.Limit));
        Assert.Equal(1, Assert.Throws<PeerLostException>(() => rings.Rings[0].Barrier()).Rank);
    }

    [Fact]
    public async Task PeerLost_InsideACollective_EndsIt()
    {
        using var rings = await TestRings.ConnectAsync(2);
        var blocked = TestRings.OnThreadAsync(() => Assert.Throws<PeerLostException>(() => rings.Rings[0].AllGather(new float[1 << 20])));
        rings.Rings[1].Dispose();
        Assert.Equal(1, (await blocked.WaitAsync(TestRings.Limit)).Rank);
    }

    [Fact]
    public async Task Dispose_AfterABarrier_IsNoLoss()
    {
        for (int i = 0; i < 10; i++)
        {
            using var rings = await TestRings.ConnectAsync(3);
            await rings.OnAllAsync(ring =>
            {
                ring.Barrier();
                if (ring.Rank == 1) ring.Dispose();
            });
            await rings.OnAllAsync(ring => ring.Dispose());
            Assert.All(rings.Rings, ring => Assert.True(ring.PeerLost.IsCanceled));
        }
    }

    [Fact]
    public async Task Dispose_WithoutABarrier_EndsTheOthersCollectiveInsteadOfFeedingIt()
    {
        using var rings = await TestRings.ConnectAsync(2);
        await rings.OnAllAsync(ring => ring.Barrier());
        rings.Rings[1].Dispose();
        Assert.Throws<PeerLostException>(() => rings.Rings[0].AllGather(new float[8]));
    }

    [Fact]
    public async Task Collectives_OutOfStep_AreFound()
    {
        using var rings = await TestRings.ConnectAsync(2);
        await rings.OnAllAsync(ring => Assert.Throws<InvalidOperationException>(() => ring.AllGather(new float[8 * (ring.Rank + 1)])));
    }

    private static async Task CheckAsync(TestRings rings, int count, int seed)
    {
        int worldSize = rings.Rings.Length;
        // Whole numbers, so that the sum is the same in every order.
        float[][] inputs = [.. Enumerable.Range(0, worldSize).Select(rank => Values(count * worldSize, seed + rank))];
        float[] sum = [.. Enumerable.Range(0, count * worldSize).Select(i => inputs.Sum(input => input[i]))];
        await rings.OnAllAsync(ring =>
        {
            float[] full = [.. inputs[ring.Rank]], own = new float[count];
            ring.ReduceScatter(full, own);
            Assert.True(own.AsSpan().SequenceEqual(sum.AsSpan(ring.Rank * count, count)));

            Array.Clear(full);
            own.CopyTo(full.AsSpan(ring.Rank * count));
            ring.AllGather(full);
            Assert.True(full.AsSpan().SequenceEqual(sum));
        });
    }

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(-1000, 1000))];
    }
}
