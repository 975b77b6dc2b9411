using Gemini.Grains.Commit;
using Gemini.Grains.Hosting;
using Gemini.Grains.Tests.Hosting;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Commit;

/// <summary>
/// <see cref="CheckpointGroup"/> between two hosts and the root agent. What counts as complete: see <see cref="CommitLedgerTests"/>. The tests share one cluster, so
/// each uses an iteration that is newer than those of the tests before it.
/// </summary>
public sealed class CheckpointGroupTests(OneSiloPerHostCluster cluster) : IClassFixture<OneSiloPerHostCluster>
{
    private static long s_iterations;

    private readonly Iteration _iteration = new(++s_iterations);

    private IRootAgent Root => cluster.Grains.GetGrain<IRootAgent>(cluster.Job.Name);

    private ICheckpointGroup Group => cluster.Grains.GetGrain<ICheckpointGroup>(GeminiGrains.GroupKey(cluster.Job, 0));

    /// <summary>The snapshot is complete when both positions hold both shards. Then the root agent commits it, and each host learns it.</summary>
    [Fact]
    public async Task EveryHolderAnnounces_TheJobCommits()
    {
        var epoch = await RunAsync();
        var snapshot = new SnapshotId(_iteration, epoch);
        await Group.AnnounceAsync(new HostPosition(0), epoch, Jobs.Replicas(snapshot, 0, 1), []);
        await Group.AnnounceAsync(new HostPosition(1), epoch, Jobs.Replicas(snapshot, 1), []);
        Assert.True((await Root.GetCommitRecordAsync()).Committed?.Iteration != snapshot.Iteration);

        await Group.AnnounceAsync(new HostPosition(1), epoch, Jobs.Replicas(snapshot, 0, 1), []);

        Assert.Equal(snapshot, (await Root.GetCommitRecordAsync()).Committed);
        foreach (var host in cluster.Hosts)
            await Wait.UntilAsync(() => cluster.AgentOf(host).Calls.Contains($"commit {_iteration}@{epoch}"), $"{host} to learn of the commit");
    }

    /// <summary>A copy that differs from its owner's is no copy.</summary>
    [Fact]
    public async Task ACopyDiffersFromItsOwners_IsNotCounted()
    {
        var epoch = await RunAsync();
        var snapshot = new SnapshotId(_iteration, epoch);
        await Group.AnnounceAsync(new HostPosition(0), epoch, Jobs.Replicas(snapshot, 0, 1), []);

        await Group.AnnounceAsync(new HostPosition(1), epoch, [Jobs.Replica(0, snapshot, salt: 1), Jobs.Replica(1, snapshot)], []);

        Assert.NotEqual(snapshot, (await Root.GetCommitRecordAsync()).Committed);
        var entries = (await Group.GetLedgerAsync()).Entries.Where(entry => entry.Replica.Snapshot == snapshot).ToList();
        Assert.Equal([1, 2], entries.Select(entry => entry.Holders.Length));
    }

    [Fact]
    public async Task ARankSkipped_EveryHostAbandonsTheIteration()
    {
        var epoch = await RunAsync();

        await Group.AnnounceAsync(new HostPosition(1), epoch, [], [_iteration]);

        foreach (var host in cluster.Hosts)
            await Wait.UntilAsync(() => cluster.AgentOf(host).Calls.Contains($"abandon {_iteration}@{epoch}"), $"{host} to abandon the iteration");
    }

    /// <summary>The ledger is only in memory. The hosts announce again what they hold, so nothing is lost.</summary>
    [Fact]
    public async Task TheGroupIsActivatedAgain_IsEmpty_AndCountsFromTheNextAnnouncements()
    {
        var epoch = await RunAsync();
        var snapshot = new SnapshotId(_iteration, epoch);
        await Group.AnnounceAsync(new HostPosition(0), epoch, Jobs.Replicas(snapshot, 0, 1), []);

        await cluster.Cluster.DeactivateAsync(Group);

        var empty = await Group.GetLedgerAsync();
        Assert.Equal((0, Epoch.Zero, 0), (empty.Group, empty.Epoch, empty.Entries.Length));
        foreach (var position in new[] { 0, 1 }) await Group.AnnounceAsync(new HostPosition(position), epoch, Jobs.Replicas(snapshot, 0, 1), []);
        Assert.Equal(snapshot, (await Root.GetCommitRecordAsync()).Committed);
    }

    /// <summary>The hosts report and carry out every directive, until the epoch runs.</summary>
    private async Task<Epoch> RunAsync()
    {
        foreach (var host in cluster.Hosts) cluster.AgentOf(host).Obeys = true;
        using var limit = new CancellationTokenSource(Wait.Limit);
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            foreach (var host in cluster.Hosts)
            {
                var directive = await Root.ReportAsync(cluster.AgentOf(host).Report());
                if (directive.Version.Step == DirectiveStep.Run) return directive.Version.Epoch;
                await cluster.AgentOf(host).DirectAsync(directive);
            }
        }
    }
}
