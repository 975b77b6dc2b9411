using System.Collections.Immutable;
using Gemini.Grains.Placement;
using Gemini.Grains.Placement.Plans;
using Gemini.Grains.Placement.Probability;
using Gemini.Grains.Planning;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests;

/// <summary>
/// The paper's numbers and examples about placement and recovery, in one place, each compared exactly. GEMINI, SOSP'23. The paper counts machines and
/// iterations from 1. The code counts positions from 0 and iterations from 1.
/// </summary>
public sealed class PaperChecksTests
{
    private static readonly JobSpec FourHosts = Jobs.Spec(hosts: 4, replicas: 2);

    /// <summary>§4, Corollary 1 and Fig. 9; the ring's k = 3 is a union bound in the paper, 22/35 by enumeration.</summary>
    [Theory]
    [InlineData(ReplicaPlacement.Group, 16, 2, 2, "14/15")]
    [InlineData(ReplicaPlacement.Group, 16, 2, 3, "4/5")]
    [InlineData(ReplicaPlacement.Ring, 16, 2, 2, "13/15")]
    [InlineData(ReplicaPlacement.Ring, 16, 2, 3, "22/35")]
    [InlineData(ReplicaPlacement.Mixed, 5, 2, 2, "3/5")]
    public void Probability_OfRecoveryFromMemory(ReplicaPlacement strategy, int hosts, int replicas, int lost, string expected)
    {
        Assert.Equal(expected, RecoveryProbability.Of(strategy, hosts, replicas, lost).ToString());
        Assert.Equal(expected, Enumerated(PlacementPlans.Create(strategy, hosts, replicas), lost).ToString());
    }

    [Fact]
    public void Probability_PapersRingFormula_Is13Of15And3Of5()
    {
        Assert.Equal("13/15", PaperFormulas.RingUnionBound(16, 2, 2).ToString());
        Assert.Equal("3/5", PaperFormulas.RingUnionBound(16, 2, 3).ToString());
        Assert.Equal(0.62857, Math.Round(RecoveryProbability.Of(ReplicaPlacement.Ring, 16, 2, 3).ToDouble(), 5));
    }

    /// <summary>§4, Theorem 1 for N=5, m=2: 0.60, and at most 0.70 for any placement; the gap 0.1 is the theorem's bound itself.</summary>
    [Fact]
    public void Probability_MixedN5M2_GapIsTheBound()
    {
        Assert.Equal("7/10", PaperFormulas.Theorem1UpperBound(5, 2).ToString());
        Assert.Equal("1/10", PaperFormulas.Theorem1GapBound(5, 2).ToString());
    }

    /// <summary>Fig. 11: checkpoint time against remote storage at 20 Gbit/s, m=2.</summary>
    [Theory]
    [InlineData(100, 4, 17)]
    [InlineData(100, 8, 34)]
    [InlineData(100, 12, 51)]
    [InlineData(100, 16, 68)]
    [InlineData(200, 4, 34)]
    [InlineData(200, 16, 136)]
    [InlineData(400, 4, 68)]
    [InlineData(400, 8, 136)]
    [InlineData(400, 12, 204)]
    [InlineData(400, 16, 272)]
    public void Fig11_CheckpointTimeReduction(int gigabits, int hosts, double expected) =>
        Assert.Equal(expected, WastedTime.CheckpointSpeedup(hosts, 2, gigabits * 1e9, 20e9), 9);

    /// <summary>§7.2, Fig. 10: GPT-2 100B, T_iter = 62 s.</summary>
    [Fact]
    public void Wasted_GeminiT62_93SecondsAndAtMost96WithAReplacement()
    {
        var iteration = TimeSpan.FromSeconds(62);
        Assert.Equal(TimeSpan.FromSeconds(93), WastedTime.Gemini(iteration, TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(96), WastedTime.Gemini(iteration, TimeSpan.FromSeconds(3)));
    }

    /// <summary>§2.2: MT-NLG, 530 billion parameters, 20 Gbit/s: 42 min to store, 105 min wasted (42 · 2.5).</summary>
    [Fact]
    public void Equation1_MtNlg_42And105Minutes()
    {
        var checkpoint = WastedTime.CheckpointTo(530_000_000_000, 20e9);
        Assert.InRange(checkpoint.TotalMinutes, 42 * 0.99, 42 * 1.01);
        Assert.InRange(WastedTime.RemoteStorage(checkpoint).TotalMinutes, 105 * 0.99, 105 * 1.01);
        Assert.Equal(TimeSpan.FromMinutes(105), WastedTime.RemoteStorage(TimeSpan.FromMinutes(42)));
    }

    /// <summary>§2.1: the mean of the best case t_ckpt + t_rtvl and the worst t_ckpt + 1/f + t_rtvl; equation (2) bounds f.</summary>
    [Fact]
    public void Equation1And2_AreTheMeanOfBestAndWorst_AndTheShortestInterval()
    {
        var (checkpoint, interval, retrieval) = (TimeSpan.FromMinutes(8), TimeSpan.FromMinutes(180), TimeSpan.FromMinutes(8));
        var (best, worst) = (checkpoint + retrieval, checkpoint + interval + retrieval);
        Assert.Equal((best + worst) / 2, WastedTime.Mean(checkpoint, interval, retrieval));
        Assert.Equal(TimeSpan.FromMinutes(106), WastedTime.Mean(checkpoint, interval, retrieval));
        Assert.Equal(checkpoint, WastedTime.ShortestInterval(checkpoint, TimeSpan.FromSeconds(62)));
        Assert.Equal(TimeSpan.FromSeconds(62), WastedTime.ShortestInterval(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(62)));
    }

    /// <summary>Fig. 15a, 16 machines, and 15b, where 1.5 % of N machines fail each day (n = 3 is N = 200, ..., 15 is N = 1000).</summary>
    [Theory]
    [InlineData(1, 0.9938, 0.8391, 0.9222)]
    [InlineData(2, 0.9875, 0.8210, 0.8444)]
    [InlineData(4, 0.9750, 0.7849, 0.6889)]
    [InlineData(8, 0.9500, 0.7127, 0.3778)]
    [InlineData(3, 0.9812, 0.8030, 0.7667)]
    [InlineData(6, 0.9625, 0.7488, 0.5333)]
    [InlineData(9, 0.9437, 0.6946, 0.3000)]
    [InlineData(12, 0.9250, 0.6405, 0.0667)]
    [InlineData(13.5, 0.9156, 0.6134, 0)]
    [InlineData(15, 0.9062, 0.5863, 0)]
    public void Fig15_EffectiveTrainingRatio(double failuresPerDay, double gemini, double highFreq, double strawman)
    {
        Assert.Equal(gemini, EffectiveTraining.Gemini.Ratio(failuresPerDay), 1e-4);
        Assert.Equal(highFreq, EffectiveTraining.HighFreq.Ratio(failuresPerDay), 1e-4);
        Assert.Equal(strawman, EffectiveTraining.Strawman.Ratio(failuresPerDay), 1e-4);
    }

    [Fact]
    public void Fig15b_ThousandMachines_Gemini54PercentAboveHighFreq()
    {
        var failures = EffectiveTraining.FailuresPerDay(1000);
        Assert.Equal(15, failures);
        Assert.Equal(1.546, EffectiveTraining.Gemini.Ratio(failures) / EffectiveTraining.HighFreq.Ratio(failures), 3);
    }

    /// <summary>
    /// Fig. 14: a failure in iteration 4. Checkpoint 3 was being sent during iteration 4 and is whole nowhere. The job reloads checkpoint 2 and
    /// trains iteration 3 again.
    /// </summary>
    [Fact]
    public void Recovery_FailureInIterationJ_ReloadsCheckpointJMinus2()
    {
        const int J = 4;
        var inventories = FourHosts.Hosts.ToDictionary(host => host, host => Held(Array.IndexOf([.. FourHosts.Hosts], host), iteration: J - 2));
        // Every owner had captured 3. No peer had all of its copy when machine 2 was lost together with its own.
        foreach (var index in (int[])[0, 2, 3])
            inventories[Jobs.Host(index)] = inventories[Jobs.Host(index)].Add(Jobs.Replica(index, Jobs.Snapshot(J - 1)));
        inventories.Remove(Jobs.Host(1));
        var replacement = new HostName("2'");
        inventories[replacement] = [];

        var (plan, _, _) = RecoveryPlanner.Plan(
            FourHosts, [Jobs.Host(0), replacement, Jobs.Host(2), Jobs.Host(3)], inventories, committed: new Iteration(J - 2));

        Assert.Equal(J - 2, plan!.Restore!.Value.Iteration.Value);
        Assert.Equal(J - 1, plan.Restore.Value.Iteration.Next().Value);
    }

    /// <summary>Fig. 6c: machines 2 and 4 of {1,2},{3,4} are lost: 2' fetches from 1 and 4' from 3 (the paper's text has a misprint there).</summary>
    [Fact]
    public void Recovery_2And4Of12And34Lost_TwoFromOneAndFourFromThree()
    {
        HostName two = new("2'"), four = new("4'");
        var inventories = new Dictionary<HostName, ImmutableArray<Replica>>
        {
            [Jobs.Host(0)] = Held(0, iteration: 7),
            [Jobs.Host(2)] = Held(2, iteration: 7),
            [two] = [],
            [four] = [],
        };

        var (plan, _, _) = RecoveryPlanner.Plan(FourHosts, [Jobs.Host(0), two, Jobs.Host(2), four], inventories, new Iteration(7));

        Assert.Equal(CopySource.Peer, plan!.Source);
        Assert.Equal(
            [Jobs.Host(0), Jobs.Host(0), Jobs.Host(2), Jobs.Host(2)], plan.Shards.Select(shard => Assert.Single(shard.Sources)));
    }

    /// <summary>§6.2, case 2: machines 1 and 2 of {1,2},{3,4} are lost: all machines load the persistent checkpoint, also 3 and 4.</summary>
    [Fact]
    public void Recovery_BothOfAGroupLost_AllLoadThePersistentSnapshot()
    {
        HostName one = new("1'"), two = new("2'");
        ImmutableArray<HostName> assignment = [one, two, Jobs.Host(2), Jobs.Host(3)];
        var inventories = new Dictionary<HostName, ImmutableArray<Replica>>
        {
            [one] = [],
            [two] = [],
            [Jobs.Host(2)] = Held(2, iteration: 70),
            [Jobs.Host(3)] = Held(3, iteration: 70),
        };
        Assert.Null(RecoveryPlanner.Plan(FourHosts, assignment, inventories, new Iteration(70)).Plan);

        var stored = new StoredSnapshot(
            Jobs.Snapshot(50), [.. Enumerable.Range(0, 4).Select(rank => new StoredShard(new Rank(rank), new ContentHash(9), 100, 10))]);
        var plan = StoragePlanner.Plan(FourHosts, [.. assignment.Select(host => Report(host, stored))], new Epoch(2)).Plan!;

        Assert.Equal((50, CopySource.Storage), (plan.Restore!.Value.Iteration.Value, plan.Source));
        Assert.Equal(4, plan.Shards.Length);
        Assert.All(plan.Shards, shard => Assert.Empty(shard.Sources));
    }

    private static ExactProbability Enumerated(PlacementPlan plan, int lost)
    {
        var subsets = Enumerable.Range(0, 1 << plan.HostCount).Where(subset => int.PopCount(subset) == lost).ToList();
        var recovered = subsets.Count(subset => Enumerable.Range(0, plan.HostCount)
            .All(owner => plan.HoldersOf(new HostPosition(owner)).Any(holder => (subset & (1 << holder.Value)) == 0)));
        return ExactProbability.Of(recovered, subsets.Count);
    }

    /// <summary>The copies of the host at this position by the placement: its own shard and its partner's.</summary>
    private static ImmutableArray<Replica> Held(int position, long iteration) =>
        [.. JobPlacement.PlanOf(FourHosts).HeldBy(new HostPosition(position)).Prepend(new HostPosition(position))
            .Select(owner => Jobs.Replica(owner.Value, Jobs.Snapshot(iteration)))];

    private static HostReport Report(HostName host, StoredSnapshot stored) => new()
    {
        Host = host,
        Incarnation = 1,
        Sequence = 1,
        SpecFingerprint = "",
        DataEndpoint = "",
        Store = new StoreReport { LookedIn = new Epoch(2), Complete = [stored] },
    };
}
