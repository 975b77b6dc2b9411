using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster.Ports;

/// <summary>Calls the root agent and the checkpoint groups at the places where the silo believes them to be.</summary>
internal sealed class ControlPlanePort(World world, Silo silo) : IControlPlane
{
    private const int LimitMilliseconds = 2000;

    private HostDirective _answered = new() { Version = default };
    private bool _hasNews = true;
    private (HostPosition Position, Epoch Epoch, ImmutableArray<Replica> Replicas, ImmutableArray<Iteration> Skipped)? _told;

    /// <summary>There is news to report.</summary>
    public void NoteNews() => _hasNews = true;

    public async Task<HostDirective> ReportAsync(HostReport report, CancellationToken ct)
    {
        // The defect: the host never repeats a report, even if it did not arrive.
        if (world.Has(Defect.NoRepeats) && !_hasNews) return _answered;
        _hasNews = false;
        var spoilt = Spoil(report);
        var (isAnswered, directive) = await silo.CallAsync<RootActivation, HostDirective?>(
            silo, RootActivation.Key, LimitMilliseconds, root => root.ReportAsync(spoilt));
        if (!isAnswered) throw new TimeoutException("the root agent does not answer");
        return _answered = directive ?? throw new JobMismatchException("it is configured for another job");
    }

    public async Task AnnounceAsync(
        int group, HostPosition position, Epoch epoch, ImmutableArray<Replica> replicas, ImmutableArray<Iteration> skipped, CancellationToken ct)
    {
        if (world.Has(Defect.NoRepeats) && IsTold(position, epoch, replicas, skipped)) return;
        _told = (position, epoch, replicas, skipped);
        var (isAnswered, _) = await silo.CallAsync<GroupActivation, bool>(
            silo, GroupActivation.KeyOf(group), LimitMilliseconds, async activation =>
            {
                await activation.AnnounceAsync(position, epoch, replicas, skipped);
                return true;
            });
        if (!isAnswered) throw new TimeoutException("the checkpoint group does not answer");
    }

    /// <summary>Applies the defects of a report.</summary>
    public HostReport Spoil(HostReport report)
    {
        if (world.Has(Defect.EpochFloorsNotReported))
            return report with { EpochFloor = default, Trainers = [.. report.Trainers.Select(trainer => trainer with { EpochFloor = default })] };
        var isHiding = world.Has(Defect.NewestCopyHidden) && report.Done.Step == DirectiveStep.Halt && report.Replicas.Length > 0;
        if (!isHiding) return report;
        var newest = report.Replicas.Max(copy => copy.Snapshot);
        return report with { Replicas = [.. report.Replicas.Where(replica => replica.Snapshot != newest)] };
    }

    private bool IsTold(HostPosition position, Epoch epoch, ImmutableArray<Replica> replicas, ImmutableArray<Iteration> skipped) =>
        _told is { } told && told.Position == position && told.Epoch == epoch
        && told.Replicas.SequenceEqual(replicas) && told.Skipped.SequenceEqual(skipped);
}
