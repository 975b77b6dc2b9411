using System.Collections.Immutable;
using Gemini.Grains.Hosting;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>The control plane, reached by grain calls.</summary>
public sealed class ControlPlane(IGrainFactory grains, JobSpec job, TimeProvider time) : IControlPlane
{
    /// <summary>A message is small, and its answer is immediate. A grain that takes longer is dead, or moves to another silo.</summary>
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(2);

    public Task<HostDirective> ReportAsync(HostReport report, CancellationToken ct) =>
        grains.GetGrain<IRootAgent>(job.Name).ReportAsync(report).WaitAsync(CallLimit, time, ct);

    public Task AnnounceAsync(
        int group, HostPosition position, Epoch epoch, ImmutableArray<Replica> replicas, ImmutableArray<Iteration> skipped, CancellationToken ct) =>
        grains.GetGrain<ICheckpointGroup>(GeminiGrains.GroupKey(job, group)).AnnounceAsync(position, epoch, replicas, skipped).WaitAsync(CallLimit, time, ct);
}
