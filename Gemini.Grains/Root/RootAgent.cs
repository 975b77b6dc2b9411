using System.Collections.Immutable;
using Gemini.Grains.Health;
using Gemini.Grains.Hosting;
using Gemini.Grains.Machines;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.GrainDirectory;
using Orleans.Placement;
using Orleans.Storage;

namespace Gemini.Grains.Root;

/// <summary>The root agent of a job: the grain that gives a <see cref="RootDriver"/> its address and its turns. The driver does the work.</summary>
[RandomPlacement, KeepAlive, Immovable, Reentrant]
public sealed class RootAgent(
    [FromKeyedServices(GeminiGrains.RecordStorage)] IGrainStorage records,
    JobSpec job,
    IClusterMembershipService membership,
    ILocalSiloDetails silo,
    TimeProvider time,
    ITrainerProbe probe,
    IOptions<CoordinatorOptions> options,
    DirectoryEntries entries,
    ILogger<RootAgent> logger,
    IMachineOperator? machines = null,
    [FromKeyedServices(GrainDirectoryAttribute.DEFAULT_GRAIN_DIRECTORY)] IGrainDirectory? directory = null) : Grain, IRootAgent
{
    /// <summary>The name of its state in grain storage.</summary>
    public const string RecordName = "root";

    private RootDriver _driver = null!;

    /// <summary>The identity of a job's root agent in the cluster and in grain storage.</summary>
    public static GrainId GrainIdOf(string job) => GrainId.Create("rootagent", job);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _driver = new RootDriver(job, new HostName(silo.Name), options.Value, new RootPorts
        {
            Records = new GrainRecordStore(records, this.GetGrainId()),
            Calls = new GrainRootCalls(GrainFactory, job),
            Probe = probe,
            Members = new ClusterMembers(membership).Current,
            Machines = machines,
            IsReplaced = async () => directory is not null && await entries.IsReplacedAsync(directory, GrainContext),
            Leave = DeactivateOnIdle,
            Time = time,
            Log = logger,
        });
        await _driver.StartAsync();
        entries.Add(GrainContext);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        entries.Remove(GrainContext);
        return _driver.StopAsync();
    }

    public Task<HostDirective> ReportAsync(HostReport report) => _driver.ReportAsync(report);

    public Task GroupCompleteAsync(int group, Epoch epoch, SnapshotId snapshot, ImmutableArray<Replica> shards) =>
        _driver.GroupCompleteAsync(group, epoch, snapshot, shards);

    public Task GroupSkippedAsync(int group, Epoch epoch, Iteration iteration) => _driver.GroupSkippedAsync(group, epoch, iteration);

    public Task<JobSpec?> GetSpecAsync() => _driver.GetSpecAsync();

    public Task<JobStatus> GetStatusAsync() => Task.FromResult(_driver.GetStatus());

    public Task<CommitRecord> GetCommitRecordAsync() => _driver.GetCommitRecordAsync();
}
