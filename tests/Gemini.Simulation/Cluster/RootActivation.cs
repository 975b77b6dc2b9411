using System.Collections.Immutable;
using Gemini.Grains.Health;
using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster;

/// <summary>
/// One activation of the root agent: the real <see cref="JobCoordinator"/>, driven line by line as <see cref="RootAgent"/> drives it. The record
/// is written before a directive leaves; an overtaken activation fails at its next write, or sees it at its next read.
/// </summary>
internal sealed class RootActivation : Activation
{
    public const string Key = "root";

    private const int TickMilliseconds = 100;
    private const int RecordCheckMilliseconds = 1000;
    private const int CallLimitMilliseconds = 2000;
    private const int ProbeLimitMilliseconds = 600;

    private readonly World _world;
    private readonly TaskCompletionSource _active = new();
    private readonly long _clockAtStart;
    private readonly long _startedAt;
    private JobCoordinator _coordinator = null!;
    private RootRecord _persisted = null!;
    private Task _evaluation = Task.CompletedTask;
    private long _etag;
    private bool _again;
    private string _lastPhase = "";

    public RootActivation(World world, Silo silo)
        : base(world, silo)
    {
        (_world, _clockAtStart, _startedAt) = (world, silo.Machine.Clock, world.Now);
        Launch(ActivateAsync);
    }

    public JobCoordinator? Coordinator => _active.Task.IsCompleted ? _coordinator : null;

    /// <summary>It lives, and nobody has written the record after it.</summary>
    public bool IsNewest => Alive && _etag == _world.Record.Etag;

    /// <summary>As <c>SteadyClock</c>: what the machine's clock said when this came up, and the time since.</summary>
    private long Clock => _world.Has(Defect.WallClock) ? Silo.Machine.Clock : _clockAtStart + _world.Now - _startedAt;

    /// <summary>Null: the host is of another job.</summary>
    public async Task<HostDirective?> ReportAsync(HostReport report)
    {
        await _active.Task;
        if (_world.Has(Defect.OddRootRefuses) && _coordinator.IsOdd && report.SpecFingerprint != Silo.Job.Fingerprint()) return null;
        // The defect: it asks no host what it holds.
        var isBlind = _world.Has(Defect.CopiesIgnoredWithoutRecord) && _world.Record.WasLost && _coordinator.Record.Restore is null;
        try
        {
            _coordinator.Observe(isBlind ? report with { Replicas = [] } : _world.Has(Defect.UndecidableReport) ? Undecidable(report) : report, Clock);
        }
        catch (JobMismatchException)
        {
            return null;
        }

        await EvaluateAsync();
        return Checked(report.Host, _coordinator.DirectiveFor(report.Host));
    }

    public async Task GroupCompleteAsync(int group, Epoch epoch, SnapshotId snapshot, ImmutableArray<Replica> shards)
    {
        await _active.Task;
        _coordinator.ObserveComplete(group, epoch, snapshot, shards);
        await EvaluateAsync();
    }

    public async Task GroupSkippedAsync(Epoch epoch, Iteration iteration)
    {
        await _active.Task;
        _coordinator.ObserveSkipped(epoch, iteration);
        await EvaluateAsync();
    }

    private async Task ActivateAsync()
    {
        var read = await _world.Record.ReadAsync(this, Silo.Machine);
        if (read.Outcome != RecordOutcome.Done)
        {
            End();
            return;
        }

        _persisted = read.Record;
        if (_world.Has(Defect.OddHostDecides) && _persisted.Epoch > Epoch.Zero) _persisted = _persisted with { Spec = Silo.Job };
        if (_persisted.Spec is { } recorded && recorded.Fingerprint() != Silo.Job.Fingerprint())
        {
            // It does not come up on an odd host. Whoever called asks again.
            _world.Statistics.Count("root agents that did not come up on an odd host");
            End();
            return;
        }

        _coordinator = new JobCoordinator(Silo.Job, _persisted, _world.CoordinatorOptions, Clock);
        var write = await _world.Record.WriteAsync(this, Silo.Machine, _persisted, read.Etag);
        if (write.Outcome != RecordOutcome.Done)
        {
            End();
            return;
        }

        _etag = write.Etag;
        _world.Trace(Silo.Host.Value, () => $"root agent is up, epoch {_persisted.Epoch}");
        _world.Statistics.RootCameUp();
        _world.Roots.Add(this);
        _active.SetResult();
        Launch(TickAsync);
        Launch(WatchRecordAsync);
    }

    private async Task TickAsync()
    {
        while (true)
        {
            await Delay(TickMilliseconds);
            try
            {
                await EvaluateAsync();
            }
            catch (GrainFailure)
            {
                // The next tick tries again.
            }
        }
    }

    private async Task EvaluateAsync()
    {
        _again = true;
        while (_again || !ReferenceEquals(_coordinator.Record, _persisted))
        {
            if (_evaluation.IsCompleted) _evaluation = EvaluateOnceAsync();
            await _evaluation;
        }
    }

    private async Task EvaluateOnceAsync()
    {
        _again = false;
        _coordinator.Observe(Silo.View, Clock);
        var decision = _coordinator.Evaluate(Clock);
        // The product's root agent lives on with a fault and tries again. Here nothing happens that it may fail at.
        if (_coordinator.Fault is { } fault) _world.Broke(fault);
        if (_world.Has(Defect.DirectiveBeforeRecord)) Push(decision);
        await PersistAsync();
        NotePhase();
        foreach (var address in decision.Ask) Launch(() => AskAsync(address));
        Push(decision);
        var epoch = _coordinator.Record.Epoch;
        if (decision.Commit is { } committed)
        {
            _world.Truths.Committed(_coordinator.Record, committed);
            Tell(silo => silo.Agent.Commit(epoch, committed));
        }

        foreach (var abandoned in decision.Abandon) Tell(silo => silo.Agent.Abandon(epoch, abandoned));
        if (!_coordinator.IsOdd) return;
        _world.Statistics.Count("root agents that left an odd host");
        End();
    }

    private async Task WatchRecordAsync()
    {
        while (true)
        {
            await Delay(RecordCheckMilliseconds);
            if (!_evaluation.IsCompleted) continue;
            var etag = _etag;
            var read = await _world.Record.ReadAsync(this, Silo.Machine);
            if (!_evaluation.IsCompleted || _etag != etag || read.Outcome != RecordOutcome.Done || read.Etag == etag || _world.Has(Defect.EtagIgnored)) continue;
            if (_world.Record.IsLost)
            {
                // In the place of an evaluation, so that none writes meanwhile.
                await (_evaluation = WriteAgainAsync(read.Etag));
                continue;
            }

            Overtaken();
            return;
        }
    }

    /// <summary>The store has lost the record, and nobody has written one since: this still is the root agent.</summary>
    private async Task WriteAgainAsync(long etag)
    {
        var write = await _world.Record.WriteAsync(this, Silo.Machine, _persisted, etag);
        if (write.Outcome == RecordOutcome.Conflict) Overtaken();
        if (write.Outcome == RecordOutcome.Done)
        {
            _etag = write.Etag;
            _world.Statistics.Count("records that were written again");
        }
    }

    private async Task PersistAsync()
    {
        var record = _coordinator.Record;
        if (ReferenceEquals(record, _persisted)) return;
        var write = await _world.Record.WriteAsync(this, Silo.Machine, record, _etag);
        if (write.Outcome == RecordOutcome.Conflict)
        {
            Overtaken();
            throw new GrainFailure("overtaken");
        }

        if (write.Outcome == RecordOutcome.Unknown) throw new GrainFailure("the record was not written");
        (_persisted, _etag) = (record, write.Etag);
    }

    private void Overtaken()
    {
        _world.Trace(Silo.Host.Value, () => "root agent was overtaken and leaves");
        _world.Statistics.Overtaken();
        End();
    }

    private void Push(CoordinatorDecision decision)
    {
        foreach (var (host, directive) in decision.Directives)
        {
            var sent = Checked(host, directive);
            Launch(() => SendDirectiveAsync(host, sent));
        }
    }

    /// <summary>A host that does not answer gets its directive with its next report.</summary>
    private async Task SendDirectiveAsync(HostName host, HostDirective directive)
    {
        var (isAnswered, report) = await Silo.CallHostAsync(this, host, CallLimitMilliseconds, silo => silo.Agent.Direct(directive));
        if (!isAnswered) return;
        try
        {
            _coordinator.Observe(report!, Clock);
            await EvaluateAsync();
        }
        catch (Exception error) when (error is JobMismatchException or HostNameTakenException)
        {
            // It learns that from its own report.
        }
        catch (GrainFailure)
        {
            // The next tick tries again.
        }
    }

    private async Task AskAsync(string address)
    {
        var answer = new TaskCompletionSource<ProbeAnswer>();
        void Answer(ProbeAnswer said)
        {
            if (Alive) answer.TrySetResult(said);
        }

        var (trainer, here) = (_world.TrainerAt(address)!, Silo.Machine.Index);
        var there = trainer.Machine.Index;
        _world.Loop.Schedule(ProbeLimitMilliseconds, () => Answer(ProbeAnswer.Silent));
        _world.Network.Send(here, there, () =>
        {
            if (!trainer.Machine.IsOn) return;
            var said = trainer.Answer;
            _world.Network.Send(there, here, () => Answer(said));
        });
        _coordinator.ObserveAnswer(address, await answer.Task);
        try
        {
            await EvaluateAsync();
        }
        catch (GrainFailure)
        {
            // The next tick tries again.
        }
    }

    /// <summary>The defect: numbers that cannot be added up.</summary>
    private static HostReport Undecidable(HostReport report) =>
        report with { Trainers = [.. report.Trainers.Select(trainer => trainer with { PauseNumber = long.MaxValue })] };

    private HostDirective Checked(HostName host, HostDirective directive)
    {
        _world.Truths.Sent(this, _coordinator.Record, host, directive);
        return _world.Has(Defect.MixedSnapshots) ? Mix(host, directive) : directive;
    }

    /// <summary>The defect: the host at position 1 is told to load the other snapshot that it holds.</summary>
    private HostDirective Mix(HostName host, HostDirective directive)
    {
        if (directive.Restore is not { } restore || directive.Position?.Value != 1) return directive;
        var memory = _world.MachineOf(host).Memory;
        var owners = directive.Own.Select(shard => memory.Find(shard.Owner)?.Slots.FirstOrDefault(
            slot => slot.State == SlotState.Sealed && slot.Snapshot.CompareTo(restore) < 0)).ToList();
        if (owners.Contains(null)) return directive;
        return directive with
        {
            Restore = owners[0]!.Snapshot,
            Own = [.. directive.Own.Zip(owners, (shard, slot) => shard with { Hash = slot!.Hash, Sources = [host] })],
        };
    }

    private void Tell(Action<Silo> message)
    {
        foreach (var host in _coordinator.LiveHosts.ToList())
        {
            _world.Network.Send(Silo.Machine.Index, _world.MachineOf(host).Index, () =>
            {
                if (_world.MachineOf(host).Silo is { IsUp: true } silo) message(silo);
            });
        }
    }

    private void NotePhase()
    {
        var phase = $"{_coordinator.Phase}: {_coordinator.Reason}";
        if (phase == _lastPhase) return;
        _lastPhase = phase;
        _world.Trace(Silo.Host.Value, () => $"epoch {_coordinator.Record.Epoch} is {phase}");
        _world.Truths.Entered(this, _coordinator);
    }
}
