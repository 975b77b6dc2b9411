using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests;

/// <summary>Short names for the values that tests of pure decisions need.</summary>
internal static class Jobs
{
    public static JobSpec Spec(int hosts, int replicas, int ranksPerHost = 1) => new()
    {
        Name = "job",
        Hosts = [.. Enumerable.Range(0, hosts).Select(Host)],
        Replicas = replicas,
        RanksPerHost = ranksPerHost,
    };

    public static HostName Host(int index) => new($"h{index}");

    public static SnapshotId Snapshot(long iteration, long epoch = 1) => new(new Iteration(iteration), new Epoch(epoch));

    /// <param name="rank">The owner.</param>
    /// <param name="snapshot">The replica's snapshot.</param>
    /// <param name="salt">Other than 0: bytes that differ from the right ones.</param>
    public static Replica Replica(int rank, SnapshotId snapshot, ulong salt = 0) =>
        new(new Rank(rank), snapshot, new ContentHash(((ulong)snapshot.Iteration.Value << 8) + (ulong)rank + (salt << 32)), 1000);

    public static ImmutableArray<Replica> Replicas(SnapshotId snapshot, params int[] ranks) => [.. ranks.Select(rank => Replica(rank, snapshot))];
}
