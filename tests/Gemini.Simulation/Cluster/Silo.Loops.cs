using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Silo.Trainers;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster;

// What a silo does by itself, and how it calls others.
internal sealed partial class Silo
{
    private const int ReportPeriodMilliseconds = 1000;
    private const int ReportRetryMilliseconds = 50;
    private const int AnnouncePeriodMilliseconds = 500;
    private const int CallLimitMilliseconds = 2000;
    /// <summary>The product's, with less patience: a run is short.</summary>
    private static readonly RestartOptions s_restartOptions = new()
    {
        PauseMin = TimeSpan.FromMilliseconds(500),
        PauseMax = TimeSpan.FromSeconds(5),
        SettleTime = TimeSpan.FromSeconds(5),
    };

    private bool ReachesRedis => !_world.Record.IsAway
        && _world.Network.IsOpen(Machine.Index, _world.RedisNode) && _world.Network.IsOpen(_world.RedisNode, Machine.Index);

    /// <summary>Calls a grain wherever this silo believes it to be. Not answered: no answer came within the limit, or the call failed.</summary>
    public Task<(bool IsAnswered, T? Answer)> CallAsync<TGrain, T>(Process caller, string key, int limitMilliseconds, Func<TGrain, Task<T>> serve)
        where TGrain : Activation
    {
        var answer = new TaskCompletionSource<(bool, T?)>();
        void Answer(bool isAnswered, T? value)
        {
            if (caller.Alive) answer.TrySetResult((isAnswered, value));
        }

        _world.Loop.Schedule(limitMilliseconds, () => Answer(false, default));
        if (_world.Directory.Locate(this, key) is not TGrain grain) return answer.Task;
        var (here, there) = (Machine.Index, grain.Silo.Machine.Index);
        _world.Network.Send(here, there, () =>
        {
            if (grain.Alive) grain.Launch(ServeAsync);
            else if (grain.Silo.Alive) _world.Network.Send(there, here, () => Answer(false, default));
        });
        return answer.Task;

        async Task ServeAsync()
        {
            try
            {
                var value = await serve(grain);
                _world.Network.Send(there, here, () => Answer(true, value));
            }
            catch (GrainFailure)
            {
                _world.Network.Send(there, here, () => Answer(false, default));
            }
        }
    }

    /// <summary>Calls the worker agent of another host.</summary>
    public Task<(bool IsAnswered, T? Answer)> CallHostAsync<T>(Process caller, HostName host, int limitMilliseconds, Func<Silo, T> serve)
    {
        var answer = new TaskCompletionSource<(bool, T?)>();
        void Answer(bool isAnswered, T? value)
        {
            if (caller.Alive) answer.TrySetResult((isAnswered, value));
        }

        var target = _world.MachineOf(host);
        _world.Loop.Schedule(limitMilliseconds, () => Answer(false, default));
        _world.Network.Send(Machine.Index, target.Index, () =>
        {
            if (target.Silo is not { IsUp: true } silo) return;
            var value = serve(silo);
            _world.Network.Send(target.Index, Machine.Index, () => Answer(true, value));
        });
        return answer.Task;
    }

    private async Task StartAsync()
    {
        if (!await IsAdmittedAsync())
        {
            _world.Statistics.Count("odd hosts that were refused");
            Machine.KillSilo("it is configured for another job");
            return;
        }

        Launch(SuperviseTrainersAsync);
        await Delay(_world.Dice.Between(200, 1500));
        while (!ReachesRedis) await Delay(200);
        _world.Membership.Join(this);
        IsUp = true;
        See(_world.Membership.Table, _world.Membership.Version);
        Launch(ReportAsync);
        Launch(AnnounceAsync);
        Launch(_runner.RunAsync);
        Launch(_storage.RunAsync);
        Launch(_guests.RunAsync);
        Launch(LookAtMembershipAsync);
        Launch(WatchFolderAsync);
    }

    /// <summary>As <c>HostAdmission</c>: compares with the job's record before it touches anything.</summary>
    private async Task<bool> IsAdmittedAsync()
    {
        while (!_world.Has(Defect.OddHostDecides))
        {
            var (outcome, record, _) = await _world.Record.ReadAsync(this, Machine);
            if (outcome == RecordOutcome.Done) return record.Spec is null || record.Spec.Fingerprint() == Job.Fingerprint();
            await Delay(200);
        }

        return true;
    }

    /// <summary>The root agent says that this host is of another job. It ends in order, so that somebody corrects it.</summary>
    private void Refused()
    {
        _world.Truths.Refused(this);
        _world.Statistics.Count("odd hosts that were refused");
        Machine.StopSilo("it is configured for another job");
    }

    /// <summary>As <c>Departure</c>: the root agent is asked, which has the newest snapshot brought to storage if all hosts are to stop.</summary>
    public async Task LeaveAsync(int limitMilliseconds)
    {
        State.Leave();
        for (var end = _world.Now + limitMilliseconds; State.Directive.Leave is null && _world.Now < end;) await Delay(50);
        if (State.Directive.Leave is { } word)
        {
            _world.Statistics.Count($"hosts that were told to leave: {word.Cause}");
            _world.Truths.Left(this, word);
        }

        Machine.StopSilo("it was told to stop");
    }

    /// <summary>As <c>FolderWatch</c>: segment files that somebody deleted are made again, own ones in an epoch that it asks for.</summary>
    private async Task WatchFolderAsync()
    {
        var askedIn = default(Epoch);
        while (true)
        {
            await Delay(1000);
            var isOwnLost = Machine.Memory.RestoreNames();
            var directive = State.Directive.Version;
            if (!isOwnLost || directive.Step != DirectiveStep.Run || State.Done != directive || directive.Epoch <= askedIn) continue;
            askedIn = directive.Epoch;
            State.MarkNeedsNewPlan(directive.Epoch, "segment files of its own ranks were deleted");
        }
    }

    private async Task LookAtMembershipAsync()
    {
        while (true)
        {
            await Delay(_world.Dice.Between(800, 1600));
            if (ReachesRedis) See(_world.Membership.Table, _world.Membership.Version);
        }
    }

    private async Task ReportAsync()
    {
        while (true)
        {
            var report = Report();
            var (isAnswered, directive) = await CallAsync<RootActivation, HostDirective?>(
                this, RootActivation.Key, CallLimitMilliseconds, root => root.ReportAsync(report));
            if (isAnswered && directive is null)
            {
                Refused();
                return;
            }

            if (isAnswered) Take(directive!);
            var isLazy = _world.Has(Defect.NoRepeats);
            await _reportDue.Wait(isAnswered ? isLazy ? 1_000_000 : ReportPeriodMilliseconds : isLazy ? 1_000_000 : ReportRetryMilliseconds);
        }
    }

    private async Task AnnounceAsync()
    {
        while (true)
        {
            await _announceDue.Wait(_world.Has(Defect.NoRepeats) ? 1_000_000 : AnnouncePeriodMilliseconds);
            await AnnounceOnceAsync();
        }
    }

    private async Task AnnounceOnceAsync()
    {
        var directive = State.Directive;
        var epoch = directive.Version.Epoch;
        if (directive.Position is not { } position || State.Done < new DirectiveVersion(epoch, DirectiveStep.Prepare)) return;
        var committed = State.Committed;
        var replicas = Machine.Memory.Inventory().RemoveAll(replica => replica.Snapshot.Iteration < committed);
        var skipped = _skipped.ToList();
        var iterations = skipped.Where(skip => skip.Epoch == epoch && skip.Iteration > committed).Select(skip => skip.Iteration).ToList();
        var isPending = iterations.Count > 0 || replicas.Any(replica => replica.Snapshot.Iteration > committed);
        if (!isPending && epoch == _toldEpoch && replicas.SequenceEqual(_told)) return;
        var (isAnswered, _) = await CallAsync<GroupActivation, bool>(
            this, GroupActivation.KeyOf(_world.Placement.GroupOf(position).Index), CallLimitMilliseconds, async group =>
            {
                await group.AnnounceAsync(position, epoch, replicas, [.. iterations]);
                return true;
            });
        if (!isAnswered) return;
        (_toldEpoch, _told) = (epoch, replicas);
        _skipped.ExceptWith(skipped);
    }

    private async Task SuperviseTrainersAsync()
    {
        for (var index = 0; index < Machine.Trainers.Length; index++)
        {
            if (Machine.Trainers[index] is null) StartTrainer(index);
        }

        while (true)
        {
            await _trainersDue.Wait(500);
            for (var index = 0; index < Machine.Trainers.Length; index++)
            {
                if (Machine.Trainers[index] is { Alive: true }) continue;
                // Finished, its job done: nothing is started until a later epoch needs it once more.
                if (Machine.Trainers[index] is { State: TrainerState.Finished } done && TrainerFence <= done.Epoch) continue;
                _failedAt[index] = Machine.Clock;
                _reportDue.Set();
                await Delay(_world.Dice.Between(20, 200) + PauseAfter(index));
                StartTrainer(index);
            }
        }
    }

    private int PauseAfter(int index)
    {
        if (Machine.Trainers[index] is not { } dead) return 0;
        var isKill = dead.Ending == TrainerEnd.KilledFromOutside;
        var ending = isKill && _world.Has(Defect.KilledIsBroken) ? TrainerEnd.OwnFault : dead.Ending;
        var pause = (int)_restarts[index].OnEnd(ending, dead.HasStepped).TotalMilliseconds;
        if (dead.Ending is TrainerEnd.OwnFault or TrainerEnd.Hung) _ownFaults[index]++;
        if (_restarts[index].IsBroken && _ownFaults[index] == 0) _world.Fail($"a trainer of {Host} is called broken, and it was only killed from outside");
        return pause;
    }

    private void OnHealthy(int index)
    {
        _restarts[index].OnHealthy();
        _ownFaults[index] = 0;
        _reportDue.Set();
    }

    /// <summary>The trainer finished a step.</summary>
    public void Stepped(TrainerProcess trainer) => OnHealthy(trainer.LocalIndex);

    /// <summary>A trainer that waits for its epoch for a while has come up.</summary>
    private async Task SettleAsync(TrainerProcess trainer)
    {
        await Delay((int)s_restartOptions.SettleTime.TotalMilliseconds);
        if (!trainer.Alive || trainer.Connected != this || trainer.HasEntered) return;
        OnHealthy(trainer.LocalIndex);
    }

    private void StartTrainer(int index)
    {
        var trainer = _world.NewTrainer(Machine, index);
        Machine.Trainers[index] = trainer;
        _started.Add(trainer);
        _reportDue.Set();
    }
}
