using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster;

// The start and the end of a silo, and its calls to others.
internal sealed partial class Silo
{
    private bool ReachesRedis => !_world.Record.IsAway
        && _world.Network.IsOpen(Machine.Index, _world.RedisNode) && _world.Network.IsOpen(_world.RedisNode, Machine.Index);

    /// <summary>
    /// Calls a grain at the place where this silo believes it to be. Not answered: no answer came within the limit, or the call failed.
    /// </summary>
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
            catch (Exception error) when (error is GrainFailure or RootUnavailableException)
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

        Launch(Trainers.SuperviseAsync);
        await Delay(_world.Dice.Between(200, 1500));
        while (!ReachesRedis) await Delay(200);
        _world.Membership.Join(this);
        IsUp = true;
        See(_world.Membership.Table, _world.Membership.Version);
        Launch(RunAgentAsync);
        Launch(_storage.RunAsync);
        Launch(LookAtMembershipAsync);
    }

    private async Task RunAgentAsync()
    {
        if (await Agent.RunAsync(CancellationToken.None) is not { } end) return;
        if (end.IsRefusal) Refused();
        else _world.Fail($"the worker agent of {Host} ends: {end.Reason}");
    }

    /// <summary>Like <c>HostAdmission</c>: compares its specification with the job's record before it changes anything.</summary>
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

    /// <summary>The root agent says that this host is of another job. The silo ends in order, so that somebody corrects the host.</summary>
    private void Refused()
    {
        _world.Truths.Refused(this);
        _world.Statistics.Count("odd hosts that were refused");
        Machine.StopSilo("it is configured for another job");
    }

    /// <summary>Like <c>Departure</c>: asks the root agent, which first has the newest snapshot persisted if all hosts are to stop.</summary>
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

    private async Task LookAtMembershipAsync()
    {
        while (true)
        {
            await Delay(_world.Dice.Between(800, 1600));
            if (ReachesRedis) See(_world.Membership.Table, _world.Membership.Version);
        }
    }
}
