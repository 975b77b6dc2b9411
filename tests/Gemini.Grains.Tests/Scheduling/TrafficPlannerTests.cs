using System.Collections.Immutable;
using CsCheck;
using Gemini.Grains.Scheduling;

namespace Gemini.Grains.Tests.Scheduling;

public sealed class TrafficPlannerTests
{
    private const long Gigabit = 1_000_000_000 / 8;

    private static readonly Gen<(ImmutableArray<TimeSpan> Spans, TrafficDemand Demand, NetworkRate Rate)> Cases =
        from spans in Gen.Long[0, 50_000_000].Array[1, 12]
        from bytes in Gen.Long[0, 5_000_000]
        from replicas in Gen.Int[1, 4]
        from chunk in Gen.Int[100, 3_000_000]
        from safety in Gen.Double[0.05, 1.0]
        from startup in Gen.Long[0, 200_000]
        from speed in Gen.Long[1, 2_000_000]
        where bytes / chunk < 2_000
        select (
            spans.Select(ticks => new TimeSpan(ticks)).ToImmutableArray(), new TrafficDemand(bytes, replicas, chunk, safety),
            new NetworkRate(new TimeSpan(startup), speed));

    /// <summary>Every replica is whole and in order, no chunk is larger than a sub-buffer, and spans are used in their order.</summary>
    [Fact]
    public void Plan_SendsEachReplicaOnceAndInOrder() => Cases.Sample(given =>
    {
        var plan = TrafficPlanner.Plan(given.Spans, given.Demand, given.Rate);
        Assert.All(plan.Chunks, chunk => Assert.InRange(chunk.Bytes, 1, given.Demand.ChunkBytes));
        Assert.Equal(plan.Chunks.Select(chunk => chunk.Span).Order(), plan.Chunks.Select(chunk => chunk.Span));
        var next = (Replica: 0, Offset: 0L);
        foreach (var chunk in plan.Chunks)
        {
            Assert.Equal(next, (chunk.Replica, chunk.Offset));
            next = chunk.Offset + chunk.Bytes == given.Demand.CheckpointBytes ? (chunk.Replica + 1, 0) : (chunk.Replica, chunk.Offset + chunk.Bytes);
        }

        Assert.Equal(given.Demand.CheckpointBytes == 0 ? (0, 0) : (given.Demand.Replicas - 1, 0), next);
    });

    /// <summary>Only the last span may be filled beyond μ·t, and what it has too much is the overrun.</summary>
    [Fact]
    public void Plan_FillsNoSpanBeyondItsSafeShare() => Cases.Sample(given =>
    {
        var plan = TrafficPlanner.Plan(given.Spans, given.Demand, given.Rate);
        foreach (var span in plan.Chunks.GroupBy(chunk => chunk.Span))
        {
            var used = span.Aggregate(TimeSpan.Zero, (sum, chunk) => sum + given.Rate.TimeOf(chunk.Bytes));
            var allowed = given.Spans[span.Key] * given.Demand.Safety;
            if (span.Key < given.Spans.Length - 1) Assert.True(used <= allowed, $"span {span.Key}: {used} of {allowed}");
            else Assert.Equal(used > allowed ? used - allowed : TimeSpan.Zero, plan.Overrun);
        }

        if (plan.Chunks.All(chunk => chunk.Span < given.Spans.Length - 1)) Assert.Equal(TimeSpan.Zero, plan.Overrun);
    });

    /// <summary>A span is left only if not even one byte more fits. So no idle time is given away before the last span.</summary>
    [Fact]
    public void Plan_LeavesASpanOnlyIfItIsFull() => Cases.Sample(given =>
    {
        var plan = TrafficPlanner.Plan(given.Spans, given.Demand, given.Rate);
        if (plan.Chunks.IsEmpty) return;
        for (var span = 0; span < plan.Chunks[^1].Span; span++)
        {
            var used = plan.Chunks.Where(chunk => chunk.Span == span).Aggregate(TimeSpan.Zero, (sum, chunk) => sum + given.Rate.TimeOf(chunk.Bytes));
            Assert.Equal(0, given.Rate.BytesIn((given.Spans[span] * given.Demand.Safety) - used));
        }
    });

    [Fact]
    public void OneReplica_OrNothingToSend_IsAnEmptyPlan()
    {
        var rate = new NetworkRate(TimeSpan.Zero, Gigabit);
        Assert.Equal(TrafficPlan.Empty, TrafficPlanner.Plan([TimeSpan.FromSeconds(1)], new TrafficDemand(1000, 1, 100, 0.9), rate));
        Assert.Equal(TrafficPlan.Empty, TrafficPlanner.Plan([], new TrafficDemand(0, 3, 100, 0.9), rate));
    }

    /// <summary>§5 and Fig. 8: GPT-2 100B, 9.4 GB a GPU at some 30 Gbit/s a GPU, sub-buffers of 32 MB, 10 s idle: 2.5 s are used and nothing overruns.</summary>
    [Fact]
    public void Paper_Gpt2With100BParameters_NeedsAQuarterOfTheIdleTime()
    {
        var rate = new NetworkRate(TimeSpan.FromMicroseconds(100), 30 * Gigabit);
        var plan = TrafficPlanner.Plan([.. Enumerable.Repeat(TimeSpan.FromSeconds(0.5), 20)], new TrafficDemand(9_400_000_000, 2, 32_000_000, 0.8), rate);
        Assert.Equal(TimeSpan.Zero, plan.Overrun);
        Assert.InRange(plan.Chunks.Length, 294, 310);
        Assert.InRange(plan.Chunks.Aggregate(TimeSpan.Zero, (sum, chunk) => sum + rate.TimeOf(chunk.Bytes)).TotalSeconds, 2.5, 2.6);
    }

    /// <summary>The printed algorithm does not end here: the rest of the first span is above zero and not above α.</summary>
    [Fact]
    public void SpanNotLongerThanTheStartup_IsLeftOut()
    {
        var rate = new NetworkRate(TimeSpan.FromMilliseconds(1), Gigabit);
        var plan = TrafficPlanner.Plan(
            [TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(100)], new TrafficDemand(1_000_000, 2, 2_000_000, 1), rate);
        Assert.Equal([new PlannedChunk(1, 0, 0, 1_000_000)], plan.Chunks);
    }

    /// <summary>
    /// The shape of a profile that the paper's artifact has (one iteration of BERT): 122 gaps of a few milliseconds, and one of 1.87 s before the
    /// last reduce-scatter. α takes most of a short one, so the long one carries most of the checkpoint.
    /// </summary>
    [Fact]
    public void RealProfile_OneLongSpanAmongManyShortOnes_CarriesTheCheckpoint()
    {
        ImmutableArray<TimeSpan> spans = [.. Enumerable.Range(0, 122).Select(gap => TimeSpan.FromMilliseconds(1 + (gap % 9))), TimeSpan.FromSeconds(1.87)];
        var rate = new NetworkRate(TimeSpan.FromMilliseconds(2), 80 * Gigabit);
        var plan = TrafficPlanner.Plan(spans, new TrafficDemand(8_000_000_000, 2, 32_000_000, 0.8), rate);
        Assert.Equal(TimeSpan.Zero, plan.Overrun);
        Assert.True(plan.Chunks.Where(chunk => chunk.Span == 122).Sum(chunk => (long)chunk.Bytes) > 5_000_000_000);
    }

    [Fact]
    public void TooLittleIdleTime_OverrunsByWhatIsMissing()
    {
        var rate = new NetworkRate(TimeSpan.Zero, 1_000_000);
        var plan = TrafficPlanner.Plan([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)], new TrafficDemand(6_000_000, 2, 1_000_000, 1), rate);
        Assert.Equal(TimeSpan.FromSeconds(4), plan.Overrun);
        Assert.Equal((1, 5), (plan.Chunks.Count(chunk => chunk.Span == 0), plan.Chunks.Count(chunk => chunk.Span == 1)));
    }
}
