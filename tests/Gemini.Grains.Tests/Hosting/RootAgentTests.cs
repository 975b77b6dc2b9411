using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Orleans.Runtime;

namespace Gemini.Grains.Tests.Hosting;

public sealed class RootAgentTests(OneSiloPerHostCluster cluster) : IClassFixture<OneSiloPerHostCluster>
{
    private IRootAgent Root => cluster.Grains.GetGrain<IRootAgent>(cluster.Job.Name);

    [Fact]
    public async Task Report_EveryHost_BeginsAnEpochThatSurvivesTheAgentsEnd()
    {
        foreach (var host in cluster.Hosts) await Root.ReportAsync(cluster.AgentOf(host).Report());

        var before = await Root.GetStatusAsync();
        Assert.Equal(JobPhase.Halting, before.Phase);
        foreach (var host in cluster.Hosts) Assert.Equal(before.Epoch, (await cluster.AgentOf(host).FirstDirective).Version.Epoch);

        await cluster.Cluster.DeactivateAsync(Root);
        var after = await Root.GetStatusAsync();

        Assert.Equal(JobPhase.Forming, after.Phase);
        Assert.Equal(before.Epoch, after.Epoch);
        Assert.Contains("waiting for", after.Reason);
        HostDirective directive = null!;
        foreach (var host in cluster.Hosts) directive = await Root.ReportAsync(cluster.AgentOf(host).Report());
        Assert.Equal(new DirectiveVersion(before.Epoch.Next(), DirectiveStep.Halt), directive.Version);
    }

    [Fact]
    public async Task Record_IsLostWhileTheAgentLives_IsWrittenAgain()
    {
        foreach (var host in cluster.Hosts) await Root.ReportAsync(cluster.AgentOf(host).Report());
        var epoch = (await Root.GetStatusAsync()).Epoch;
        var lost = await cluster.ReadRecordAsync();
        await cluster.Records.ClearStateAsync(RootAgent.RecordName, Root.GetGrainId(), lost);

        GrainState<RootRecord> again;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        do
        {
            limit.Token.ThrowIfCancellationRequested();
            await Root.GetStatusAsync();
            again = await cluster.ReadRecordAsync();
        }
        while (!again.RecordExists);

        Assert.Equal((epoch, cluster.Job.Fingerprint()), (again.State!.Epoch, again.State.Spec!.Fingerprint()));
    }

    [Fact]
    public async Task Report_OtherJobSpecification_IsRefusedWithItsReason()
    {
        foreach (var host in cluster.Hosts) await Root.ReportAsync(cluster.AgentOf(host).Report());
        var report = cluster.AgentOf(cluster.Hosts[0]).Report() with { SpecFingerprint = "another" };

        var error = await Assert.ThrowsAsync<JobMismatchException>(() => Root.ReportAsync(report));

        Assert.Contains(cluster.Hosts[0].Value, error.Message);
    }

    [Fact]
    public void GrainIdOf_IsWhatTheClusterCallsIt() => Assert.Equal(Root.GetGrainId(), RootAgent.GrainIdOf(cluster.Job.Name));

    [Fact]
    public async Task Group_IsTheLedgerOfItsHosts()
    {
        // The group needs the job's specification, which exists from the first start on.
        foreach (var host in cluster.Hosts) await Root.ReportAsync(cluster.AgentOf(host).Report());
        var group = cluster.Grains.GetGrain<ICheckpointGroup>(Gemini.Grains.Hosting.GeminiGrains.GroupKey(cluster.Job, 0));

        await group.AnnounceAsync(new HostPosition(0), new Epoch(1), Jobs.Replicas(Jobs.Snapshot(1), 0, 1), []);

        var ledger = await group.GetLedgerAsync();
        Assert.Equal((0, new Epoch(1)), (ledger.Group, ledger.Epoch));
        Assert.Equal([0, 1], ledger.Entries.Select(entry => entry.Replica.Owner.Value));
        Assert.All(ledger.Entries, entry => Assert.Equal([new HostPosition(0)], entry.Holders));
    }

    /// <summary>One call asks the root agent and the groups. Before the first commit the answer is empty and no error.</summary>
    [Fact]
    public async Task CommitRecord_BeforeTheFirstCommit_IsEmptyAndEveryGroupAnswers()
    {
        var record = await Root.GetCommitRecordAsync();

        Assert.Null(record.Committed);
        Assert.Empty(record.Shards);
        Assert.Empty(record.SilentGroups);
    }
}
