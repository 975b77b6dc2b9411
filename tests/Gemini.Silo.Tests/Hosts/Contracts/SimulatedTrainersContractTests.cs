using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Cluster;
using Gemini.Simulation.Faults;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>
/// The simulation's trainers. They ask the host's worker agent, which makes the marks. The test gives the agent directives that are carried out
/// already, so the agent does nothing by itself.
/// </summary>
public sealed class SimulatedTrainersContractTests : TrainersContract
{
    /// <summary>A trainer that is missing is started in less time than this.</summary>
    private const int AmpleMilliseconds = 10_000;

    /// <summary>With the defect, a stop cancels no capture, so a capture takes as long as a test needs.</summary>
    private readonly SimulatedHosts _hosts = SimulatedHosts.Joined(Defect.StopAwaitsCapture);

    private readonly TrainersInVirtualTime _trainers;

    public SimulatedTrainersContractTests() => _trainers = new TrainersInVirtualTime(_hosts, () => Silo.Trainers);

    protected override ITrainers Trainers => _trainers;

    protected override long PayloadBytes => Slot.BytesOf(Rank);

    private Gemini.Simulation.Cluster.Silo Silo => _hosts.Silo;

    private Machine Machine => _hosts.World.Machines[0];

    private TrainerProcess Trainer => Machine.Trainers[0]!;

    private TrainerReport Report => Trainers.Reports[0];

    protected override Task StartAsync(ShortLimit limit = ShortLimit.None)
    {
        // The job's root agent cannot write its record, so it begins no epoch.
        _hosts.World.Record.IsAway = true;
        _hosts.World.Network.Cut(1, _hosts.World.RedisNode, bothWays: true);
        Trainers.SetPosition(Position);
        return UntilAsync(() => Report.State is TrainerState.Starting or TrainerState.Waiting, "the first trainer");
    }

    protected override async Task RestartAsync()
    {
        _hosts.Within(() =>
        {
            Machine.KillSilo("the contract has a second silo");
            Machine.StartSilo();
        });
        // It joins the cluster by the record's store.
        _hosts.World.Record.IsAway = false;
        await UntilAsync(() => Report.State == TrainerState.Awaited, "the next silo");
    }

    protected override async Task<int> ConnectAsync()
    {
        await UntilAsync(() => Report.State is TrainerState.Waiting or TrainerState.Training, "its hello");
        _hosts.World.Record.IsAway = true;
        return Report.ProcessId;
    }

    protected override Task ConnectAndExitAsync() => Task.CompletedTask;

    protected override Task JoinAsync()
    {
        Obeyed(new HostDirective { Version = new DirectiveVersion(Epoch.Zero.Next(), DirectiveStep.Halt), Position = Position });
        return UntilAsync(() => Trainer.Rank == Rank, "the trainer to know its rank");
    }

    protected override async Task EnterAsync(Epoch epoch, Iteration iteration = default)
    {
        Silo.Memory.EnsureShard(Rank, PayloadBytes, ShardRole.Own);
        var snapshot = iteration > Iteration.Zero ? new SnapshotId(iteration, Epoch.Zero.Next()) : (SnapshotId?)null;
        var point = new RestorePoint
        {
            Epoch = epoch,
            Snapshot = snapshot,
            Hash = snapshot is { } captured ? SimulatedHosts.Capture(Silo, Rank, slot: 0, captured) : null,
            LoadSlot = snapshot is null ? -1 : 0,
            Slots = [],
            // Alone in its ring, it needs nobody to finish an iteration.
            RingEndpoints = [Trainer.RingEndpoint],
        };
        Obeyed(new HostDirective { Version = new DirectiveVersion(epoch, DirectiveStep.Run), Position = Position, Restore = snapshot });
        _hosts.Within(() => Silo.State.OfferRestorePoints(epoch, ImmutableDictionary<Rank, RestorePoint>.Empty.Add(Rank, point)));
        await UntilAsync(() => Report.State == TrainerState.Training && Report.Epoch == epoch, "the trainer to load");
    }

    protected override async Task<SnapshotId> CaptureAsync()
    {
        var before = Trainer.Captured;
        await UntilAsync(() => Trainer.Captured > before, "a capture");
        return new SnapshotId(Trainer.Captured, Trainer.Epoch);
    }

    protected override Task BeginCaptureAsync()
    {
        Machine.CapturesAreLong = true;
        return UntilAsync(() => Trainer.IsCapturing, "a capture");
    }

    protected override void EndCapture() => Machine.CapturesAreLong = false;

    protected override void Skip() => Machine.CapturesFail = true;

    protected override void Hang() => Trainer.IsHung = true;

    protected override void Kill() => _hosts.Within(() => Trainer.Die(silently: false, TrainerEnd.KilledFromOutside));

    protected override void BreakTrainers() => Machine.Handicap = FaultKind.TrainerStart;

    protected override void MendTrainers() => Machine.Handicap = null;

    /// <summary>In virtual time, the news comes at once.</summary>
    protected override void HoldStarts()
    {
    }

    protected override void LetStart()
    {
    }

    protected override bool Lives(int processId) => Machine.LiveTrainers.Any(trainer => trainer.ProcessId == processId);

    protected override bool HasHeardOfStop(Epoch epoch) => Trainer.EpochFloor >= epoch;

    protected override bool HasHeardOfCommitted(SnapshotId snapshot) => Trainer.Committed == snapshot.Iteration;

    protected override bool HasHeardOfAbandoned(SnapshotId snapshot) => Trainer.Captured > snapshot.Iteration;

    protected override bool HasHeardOfPersisted(SnapshotId snapshot) => Trainer.Persisted == snapshot.Iteration;

    protected override Task UntilAsync(Func<bool> condition, string what)
    {
        _hosts.RunUntil(condition, what);
        return Task.CompletedTask;
    }

    protected override void LetTimePass() => _hosts.Pass(AmpleMilliseconds);

    /// <summary>The worker agent takes a directive that this host has carried out.</summary>
    private void Obeyed(HostDirective directive) => _hosts.Within(() =>
    {
        Silo.State.Take(directive);
        if (directive.Version.Step > DirectiveStep.Prepare) Silo.State.MarkDone(directive.Version with { Step = DirectiveStep.Prepare });
        Silo.State.MarkDone(directive.Version);
    });
}
