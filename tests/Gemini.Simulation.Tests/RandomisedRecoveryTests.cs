using Gemini.Simulation.Fakes;
using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Tests;

/// <summary>
/// Seeded random lives of a job. While faults go on, <see cref="ClusterInvariants"/> hold; when they stop and hosts return,
/// the job completes, or says that no snapshot is whole when none is. A failure prints its seed: give it to <see cref="Live"/>.
/// </summary>
public sealed class RandomisedRecoveryTests
{
    private const int Seeds = 300;
    private const int FaultMilliseconds = 25_000;
    private const int CalmLimitMilliseconds = 120_000;

    [Fact]
    public void Job_RandomKillsLossesAndFailovers_IsSafeThenCompletes()
    {
        // Otherwise the faults are so many that the test says little about going on.
        Assert.InRange(LiveAll(storage: null), Seeds / 2, Seeds);
    }

    /// <summary>Groups are lost whole, and storage fails now and then; whoever has a stored snapshot completes all the same.</summary>
    [Fact]
    public void JobWithStorage_WholeGroupsLost_IsSafeThenCompletes() =>
        Assert.InRange(LiveAll(new StoragePolicy { EveryIterations = 4 }), Seeds * 9 / 10, Seeds);

    private static int LiveAll(StoragePolicy? storage)
    {
        var completed = 0;
        Parallel.For(0, Seeds, seed =>
        {
            try
            {
                if (Live(seed, storage)) Interlocked.Increment(ref completed);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"Seed {seed}: {error.Message}", error);
            }
        });

        return completed;
    }

    /// <summary>Returns whether the job completed; false: it failed because no live host holds what is missing.</summary>
    private static bool Live(int seed, StoragePolicy? storage)
    {
        var hosts = 3 + (seed % 3);
        var replicas = 2 + (seed / 3 % 2);
        var cluster = new FakeCluster(hosts, replicas, standbys: seed / 6 % 3, total: 150, seed: seed, storage: storage);
        for (var elapsed = 0; elapsed < FaultMilliseconds; elapsed += FakeCluster.TickMilliseconds)
        {
            Hurt(cluster, cluster.Random!);
            cluster.Tick();
        }

        cluster.Chaos.Calm = true;
        cluster.Store.Problem = null;
        foreach (var host in cluster.Hosts.Where(host => !host.SiloAlive)) host.Start();
        cluster.RunUntil(() => cluster.Phase is JobPhase.Completed || IsBeyondRecovery(cluster), "the end of the job", CalmLimitMilliseconds);
        return cluster.Phase == JobPhase.Completed;
    }

    private static void Hurt(FakeCluster cluster, Random random)
    {
        var host = cluster.Hosts[random.Next(cluster.Hosts.Count)];
        switch (random.Next(250))
        {
            case 0 or 1 when host.Trainers.Length > 0:
                host.Trainers[0].Alive = false;
                break;
            case 2 when host.SiloAlive:
                host.KillSilo();
                break;
            case 3 when host.SiloAlive && cluster.Hosts.Count(other => other.SiloAlive) == cluster.Hosts.Count:
                host.KillHost();
                break;
            case 4:
                cluster.Root.Kill();
                break;
            case >= 5 and < 12 when !host.SiloAlive:
                host.Start();
                break;
            case 12 when host.Directive.Position is { } position:
                host.Memory.Rot(cluster.Job.RankOf(position, 0));
                break;
            case 13 when cluster.Job.Storage is not null && cluster.Hosts.All(other => other.SiloAlive):
                foreach (var lost in cluster.Hosts.OrderBy(_ => random.Next()).Take(2)) lost.KillHost();
                break;
            case 14:
                cluster.Store.Problem = cluster.Store.Problem is null ? "No space left on device" : null;
                break;
        }
    }

    private static bool IsBeyondRecovery(FakeCluster cluster) =>
        cluster.Phase == JobPhase.Failed
        && cluster.Hosts.All(host => host.Done.Epoch == cluster.Root.Store.Epoch)
        && cluster.Invariants.NewestWhole(cluster.Hosts) is null
        && cluster.Store.Complete.IsEmpty;
}
