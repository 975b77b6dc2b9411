using System.Collections.Immutable;
using System.Globalization;
using Gemini.Grains.Hosting;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Gemini.Grains.Commit;

/// <summary>The checkpoint group of one placement group: the grain that gives a <see cref="GroupDriver"/> its address and its turns.</summary>
[RandomPlacement, KeepAlive, Immovable, Reentrant]
public sealed class CheckpointGroup(JobSpec job, DirectoryEntries entries, ILogger<CheckpointGroup> logger) : Grain, ICheckpointGroup
{
    private GroupDriver _driver = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        var index = int.Parse(key.AsSpan(key.LastIndexOf('-') + 1), CultureInfo.InvariantCulture);
        _driver = new GroupDriver(index, GrainFactory.GetGrain<IRootAgent>(job.Name), logger);
        entries.Add(GrainContext);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        entries.Remove(GrainContext);
        return Task.CompletedTask;
    }

    public Task AnnounceAsync(HostPosition holder, Epoch epoch, ImmutableArray<Replica> replicas, ImmutableArray<Iteration> skipped) =>
        _driver.AnnounceAsync(holder, epoch, replicas, skipped);

    public Task<GroupLedger> GetLedgerAsync() => _driver.GetLedgerAsync();
}
