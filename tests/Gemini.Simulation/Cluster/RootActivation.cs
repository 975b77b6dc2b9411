using System.Collections.Immutable;
using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Cluster.Ports;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster;

/// <summary>One activation of the root agent: the real <see cref="RootDriver"/> on a simulated network, store and clock.</summary>
internal sealed class RootActivation : Activation, IGroupService
{
    public const string Key = "root";

    /// <summary>Keeps the number of a run positive on each machine, also if its clock is far behind.</summary>
    private const int RunOffset = 1_000_000_000;

    private readonly World _world;
    private readonly TaskCompletionSource _active = new();
    private readonly RootRecords _records;
    private readonly RootCalls _calls;
    private readonly RootDriver _driver;
    private ImmutableArray<MemberView> _view;
    private IReadOnlyCollection<MemberView> _members = [];
    private (JobPhase Phase, string Reason)? _noted;

    public RootActivation(World world, Silo silo)
        : base(world, silo)
    {
        _world = world;
        _records = new RootRecords(world, this);
        _calls = new RootCalls(world, this);
        long Wall() => silo.Machine.Clock;
        _driver = new RootDriver(silo.Job, silo.Host, world.CoordinatorOptions, new RootPorts
        {
            Records = _records,
            Calls = _calls,
            Probe = _calls,
            Members = Members,
            IsReplaced = () => Task.FromResult(world.Directory.IsReplaced(Key, this)),
            Leave = Leave,
            BeginRun = (job, now) => new JobRun(new Guid((int)(now.ToUnixTimeMilliseconds() + RunOffset), 0, 0, new byte[8]), job.WorldSize),
            Time = new LoopTimeProvider(world.Loop, this) { Wall = Wall, Monotonic = world.Has(Defect.WallClock) ? Wall : () => world.Now },
            Log = new TraceLog<RootAgent>(world, silo.Host, NotePhase),
        });
        Launch(ActivateAsync);
    }

    /// <summary>Null until this root agent is up.</summary>
    public JobCoordinator? Coordinator => _active.Task.IsCompleted ? _driver.Coordinator : null;

    /// <summary>Whether this root agent lives and wrote the record last.</summary>
    public bool IsNewest => Alive && _records.Etag is { } etag && etag == _world.Record.Etag;

    /// <summary>Null: the host is of another job.</summary>
    public async Task<HostDirective?> ReportAsync(HostReport report)
    {
        await _active.Task;
        var coordinator = _driver.Coordinator;
        if (_world.Has(Defect.OddRootRefuses) && coordinator.IsOdd && report.SpecFingerprint != Silo.Job.Fingerprint()) return null;
        // The defect: the root agent ignores the copies that hosts report.
        var isBlind = _world.Has(Defect.CopiesIgnoredWithoutRecord) && _world.Record.WasLost && coordinator.Record.Restore is null;
        try
        {
            var told = isBlind ? report with { Replicas = [] } : _world.Has(Defect.UndecidableReport) ? Undecidable(report) : report;
            return _calls.Checked(report.Host, await _driver.ReportAsync(told));
        }
        catch (JobMismatchException)
        {
            return null;
        }
    }

    public async Task<JobSpec?> GetSpecAsync()
    {
        await _active.Task;
        return await _driver.GetSpecAsync();
    }

    public async Task GroupCompleteAsync(int group, Epoch epoch, SnapshotId snapshot, ImmutableArray<Replica> shards)
    {
        await _active.Task;
        await _driver.GroupCompleteAsync(group, epoch, snapshot, shards);
    }

    public async Task GroupSkippedAsync(int group, Epoch epoch, Iteration iteration)
    {
        await _active.Task;
        await _driver.GroupSkippedAsync(group, epoch, iteration);
    }

    /// <summary>The defect: numbers whose sum overflows.</summary>
    private static HostReport Undecidable(HostReport report) =>
        report with { Trainers = [.. report.Trainers.Select(trainer => trainer with { PauseNumber = long.MaxValue })] };

    private async Task ActivateAsync()
    {
        try
        {
            await _driver.StartAsync();
        }
        catch (Exception error) when (error is RootUnavailableException or GrainFailure)
        {
            // The caller asks again.
            if (Silo.IsOdd) _world.Statistics.Count("root agents that did not come up on an odd host");
            End();
            return;
        }

        _world.Statistics.RootCameUp();
        _world.Roots.Add(this);
        _active.SetResult();
    }

    /// <summary>The root agent ends at once. Messages that it has sent still arrive.</summary>
    private void Leave()
    {
        if (!Alive) return;
        if (_driver.Coordinator.IsOdd) _world.Statistics.Count("root agents that left an odd host");
        else _world.Statistics.Overtaken();
        End();
    }

    /// <summary>The driver logs each change of phase, so the truths look at the phase with every log line.</summary>
    private void NotePhase()
    {
        if (Coordinator is not { } coordinator || _noted == (coordinator.Phase, coordinator.Reason)) return;
        _noted = (coordinator.Phase, coordinator.Reason);
        _world.Truths.Entered(this, coordinator);
    }

    private IReadOnlyCollection<MemberView> Members()
    {
        if (_view != Silo.View) (_view, _members) = (Silo.View, Silo.View);
        return _members;
    }
}
