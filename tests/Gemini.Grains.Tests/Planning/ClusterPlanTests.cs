using CsCheck;
using Gemini.Grains.Planning;

namespace Gemini.Grains.Tests.Planning;

/// <summary>The paper's own clusters, and what must hold for any other.</summary>
public sealed class ClusterPlanTests
{
    /// <summary>GPT-2 100B on 16 p4d (§7.2): 62 s an iteration, 400 Gbit/s for each host, 20 Gbit/s of storage.</summary>
    private static readonly ClusterPlan P4d = new(
        100_000_000_000, Hosts: 16, Replicas: 2, GpusPerHost: 8, HostBitsPerSecond: 400e9, StorageBitsPerSecond: 20e9, FailuresPerDay: 1,
        TimeSpan.FromSeconds(62), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(6));

    [Fact]
    public void Bytes_Gpt2Of100B_Are75GBForEachHost()
    {
        Assert.Equal(75_000_000_000, P4d.HostBytes);
        Assert.Equal(300_000_000_000, P4d.MemoryBytes);
    }

    /// <summary>§7.2: the checkpoint takes less than 3 s, and a failure costs 1.5 iterations and the retrieval.</summary>
    [Fact]
    public void Gemini_Gpt2Of100B_AsInThePaper()
    {
        Assert.InRange(P4d.Transfer.TotalSeconds, 1, 3);
        Assert.Equal(1, P4d.Interval);
        Assert.InRange(P4d.Gemini.Retrieval.TotalSeconds, 1, 3);
        Assert.Equal(93 + P4d.Gemini.Retrieval.TotalSeconds, P4d.Gemini.Wasted.TotalSeconds, precision: 3);
    }

    /// <summary>§7.2 and §7.3: 8 minutes to storage; every 8 iterations; 14.5 % of the time is lost to serialising.</summary>
    [Fact]
    public void HighFreq_Gpt2Of100B_AsInThePaper()
    {
        Assert.Equal(8 * 62, P4d.HighFreq.Interval.TotalSeconds, precision: 3);
        Assert.InRange(P4d.HighFreq.Wasted.TotalMinutes, 20, 21);
        Assert.Equal(1 - 0.145, (P4d with { FailuresPerDay = 0 }).HighFreq.EffectiveTraining, tolerance: 0.01);
    }

    /// <summary>Fig. 10: 8 + 90 + 8 minutes.</summary>
    [Fact]
    public void Strawman_Gpt2Of100B_LosesAnHourAndThreeQuarters() => Assert.Equal(106, P4d.Strawman.Wasted.TotalMinutes, tolerance: 0.1);

    [Fact]
    public void Interval_IdleTimeIsTooShort_IsSeveralIterations()
    {
        var short1 = P4d with { HostBitsPerSecond = 20e9, Idle = TimeSpan.FromSeconds(10) };
        Assert.Equal((4, 4 * 62.0), (short1.Interval, short1.Gemini.Interval.TotalSeconds));
        Assert.Equal(1, (short1 with { Idle = null }).Interval);
        Assert.Equal(1, (short1 with { Replicas = 1, Idle = TimeSpan.Zero }).Interval);
    }

    /// <summary>More failures never leave more time for training, and no share is outside 0 to 1.</summary>
    [Fact]
    public void EffectiveTraining_FallsWithFailures() =>
        Gen.Select(Gen.Double[0, 300], Gen.Double[0, 300], Gen.Int[1, 2000], Gen.Double[1, 400]).Sample((fewer, more, hosts, iteration) =>
        {
            var plan = P4d with { Hosts = hosts, Replicas = 1, Iteration = TimeSpan.FromSeconds(iteration), FailuresPerDay = Math.Min(fewer, more) };
            var worse = plan with { FailuresPerDay = Math.Max(fewer, more) };
            return new[] { (plan.Gemini, worse.Gemini), (plan.HighFreq, worse.HighFreq), (plan.Strawman, worse.Strawman) }
                .All(pair => pair.Item1.EffectiveTraining is >= 0 and <= 1 && pair.Item2.EffectiveTraining <= pair.Item1.EffectiveTraining);
        });
}
