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
            var (isAnswered, directive) = await CallAsync<RootActivation, HostDirective>(
                this, RootActivation.Key, CallLimitMilliseconds, root => root.ReportAsync(report));
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

    private int PauseAfter(int index) => Machine.Trainers[index] is { } dead
        ? (int)_restarts[index].OnEnd(dead.Ending, dead.HasStepped).TotalMilliseconds
        : 0;

    /// <summary>The trainer finished a step.</summary>
    public void Stepped(TrainerProcess trainer)
    {
        _restarts[trainer.LocalIndex].OnHealthy();
        _reportDue.Set();
    }

    /// <summary>A trainer that waits for its epoch for a while has come up.</summary>
    private async Task SettleAsync(TrainerProcess trainer)
    {
        await Delay((int)s_restartOptions.SettleTime.TotalMilliseconds);
        if (!trainer.Alive || trainer.Connected != this || trainer.HasEntered) return;
        _restarts[trainer.LocalIndex].OnHealthy();
        _reportDue.Set();
    }

    private void StartTrainer(int index)
    {
        var trainer = _world.NewTrainer(Machine, index);
        Machine.Trainers[index] = trainer;
        _started.Add(trainer);
        _reportDue.Set();
    }
}
