using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Cluster;
using Gemini.Simulation.Engine;

namespace Gemini.Simulation.Faults;

/// <summary>Injects faults at random moments, of the kinds in the run's options, and ends those that can end after some time.</summary>
internal sealed class FaultInjector : Process
{
    private readonly World _world;
    private readonly FaultKind[] _kinds;

    public FaultInjector(World world)
        : base(world.Loop, world.Broke)
    {
        _world = world;
        _kinds = [.. world.Options.Faults.SelectMany(fault => Enumerable.Repeat(fault.Key, fault.Value))];
        (world.Network.Loss, world.Network.Doubling) = (world.Options.Loss, world.Options.Doubling);
        world.Network.MeanDelay = world.Options.DelayMilliseconds;
        if (_kinds.Length > 0) Launch(RunAsync);
    }

    private Dice Dice => _world.Dice;

    /// <summary>No more faults; those that still last end. Machines come back: all, or as many as the job needs.</summary>
    public void Heal()
    {
        End();
        _world.IsCalm = true;
        (_world.Network.Loss, _world.Network.Doubling) = (0, 0);
        _world.Network.MeanDelay = Math.Min(_world.Network.MeanDelay, 5);
        _world.Network.MendAll();
        (_world.Record.IsAway, _world.Storage.IsAway) = (false, false);
        // Before its first start a job waits for every host in its list, so all must come back.
        var spared = _world.Options.HealsOnlyCore && !_world.Record.Record.Assignment.IsEmpty ? _world.Options.Standbys : 0;
        foreach (var machine in Dice.Shuffled(_world.Machines))
        {
            (machine.CapturesFail, machine.CapturesAreLong, machine.IsOdd) = (false, false, false);
            if (machine.Silo is { IsOdd: true }) machine.StopSilo("its configuration is corrected");
            if (machine.Silo is { Alive: true })
            {
                // It counts as a machine that stays down. It is harder for the job: the host is present, and keeps its position until the job takes
                // it away.
                if (machine.Handicap is not null && spared-- > 0) _world.Trace(machine.Name.Value, () => "keeps its handicap for good");
                else machine.Handicap = null;
                continue;
            }

            machine.Handicap = null;
            if (spared-- > 0)
            {
                if (machine.IsOn) machine.PowerOff(silently: false);
                machine.IsRetired = true;
                _world.Trace(machine.Name.Value, () => "stays down for good");
            }
            else
            {
                machine.StartSilo();
            }
        }
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await Delay(1 + Dice.Exponential(_world.Options.FaultGapMilliseconds));
            var kind = Dice.Pick(_kinds);
            if (Inject(kind)) _world.Statistics.Fault(kind);
        }
    }

    /// <summary>False: there was no target.</summary>
    private bool Inject(FaultKind kind)
    {
        var machine = Dice.Pick(_world.Machines);
        return kind switch
        {
            FaultKind.Trainer => KillTrainer(machine),
            FaultKind.Hang => Hang(machine),
            FaultKind.Silo => KillSilo(machine),
            FaultKind.Host => PowerOff(machine, silently: false),
            FaultKind.SilentHost => PowerOff(machine, silently: true),
            FaultKind.GroupPair => PowerOffPair(),
            FaultKind.AllHosts => Each(_world.Machines, each => PowerOff(each, silently: false)),
            FaultKind.AllSilos => Each(_world.Machines, KillSilo),
            FaultKind.RootActivation => EndRoot(),
            FaultKind.SecondRoot => ForgetRoot(),
            FaultKind.Redis => For("Redis is away", () => _world.Record.IsAway = true, () => _world.Record.IsAway = false),
            FaultKind.RecordLost => LoseRecord(),
            FaultKind.Storage => _world.Job.Storage is not null
                && For("storage is full", () => _world.Storage.IsAway = true, () => _world.Storage.IsAway = false),
            FaultKind.Rot => Rot(machine),
            FaultKind.HeaderRot => RotHeader(machine),
            FaultKind.WrongHash => MistakeHash(machine),
            FaultKind.StorageRot => RotStorage(),
            FaultKind.Capture => For(
                $"captures fail on {machine.Name}", () => machine.CapturesFail = true, () => machine.CapturesFail = false),
            FaultKind.Partition => Partition(bothWays: true),
            FaultKind.OneWay => Partition(bothWays: false),
            FaultKind.Isolation => Isolate(machine),
            FaultKind.Swizzle => Swizzle(),
            FaultKind.FalseVerdict => Misjudge(machine),
            FaultKind.Clock => Jump(machine),
            FaultKind.Sender => machine.Silo is { IsMember: true } silo && silo.Links.EndOne(),
            FaultKind.HaltHang or FaultKind.PrepareHang or FaultKind.TrainerStart or FaultKind.NoRoom or FaultKind.NoFetch => Hamper(machine, kind),
            FaultKind.TrainerKills => KillTrainersFor(machine),
            FaultKind.StorageHang => _world.Job.Storage is not null && Hamper(machine, kind),
            FaultKind.OddHost => StartOdd(machine),
            FaultKind.StopAll => StopAll(),
            FaultKind.NamesGone => LoseNames(machine),
            FaultKind.LongCapture => For(
                $"captures are long on {machine.Name}", () => machine.CapturesAreLong = true, () => machine.CapturesAreLong = false),
            _ => throw new InvalidOperationException($"Fault {kind} is not known."),
        };
    }

    /// <summary>Injects the fault into all targets; false if there was none.</summary>
    private static bool Each<T>(IEnumerable<T> targets, Func<T, bool> inject) => targets.ToList().FindAll(target => inject(target)).Count > 0;

    private bool KillTrainer(Machine machine)
    {
        var trainers = machine.LiveTrainers.ToList();
        if (trainers.Count == 0) return false;
        Dice.Pick(trainers).Die(silently: false, TrainerEnd.KilledFromOutside);
        return true;
    }

    private bool KillTrainersFor(Machine machine)
    {
        const int lookMilliseconds = 100;
        if (machine.Silo is null) return false;
        for (var at = 0; at < Dice.Between(10, 60) * lookMilliseconds; at += lookMilliseconds)
        {
            _world.Loop.Schedule(at, () =>
            {
                foreach (var trainer in machine.LiveTrainers.Where(_ => !_world.IsCalm).ToList()) trainer.Die(silently: false, TrainerEnd.KilledFromOutside);
            });
        }

        return true;
    }

    private static bool Hang(Machine machine)
    {
        if (machine.LiveTrainers.FirstOrDefault(trainer => !trainer.IsHung) is not { } trainer) return false;
        trainer.IsHung = true;
        return true;
    }

    private bool KillSilo(Machine machine)
    {
        if (machine.Silo is not { Alive: true }) return false;
        machine.KillSilo("it is killed");
        _world.RestartLater(machine);
        return true;
    }

    private bool PowerOff(Machine machine, bool silently)
    {
        if (!machine.IsOn) return false;
        machine.PowerOff(silently);
        _world.RestartLater(machine);
        return true;
    }

    private bool PowerOffPair()
    {
        var group = Dice.Pick(_world.Placement.Groups);
        var hosts = _world.Record.Record.Assignment;
        if (hosts.IsEmpty) return false;
        var members = Dice.Shuffled(group.Members).Select(position => hosts[position.Value]).OfType<HostName>().Take(2);
        return Each(members, host => PowerOff(_world.MachineOf(host), silently: false));
    }

    private bool EndRoot()
    {
        if (_world.Directory.Registered(RootActivation.Key) is not { Alive: true } root) return false;
        root.End();
        return true;
    }

    private bool LoseRecord()
    {
        if (_world.Record.IsAway || _world.Record.Record.Epoch == Epoch.Zero) return false;
        _world.Trace("", () => "the record is lost");
        _world.Record.Lose();
        if (Dice.Chance(0.5)) EndRoot();
        return true;
    }

    /// <summary>Starts the host again with a wrong file. Later somebody corrects the file.</summary>
    private bool StartOdd(Machine machine)
    {
        if (!machine.IsOn || _world.Machines.Any(other => other.IsOdd || other.Silo is { IsOdd: true })) return false;
        machine.IsOdd = true;
        machine.KillSilo("it is started with another configuration");
        _world.Loop.Schedule(Dice.Between(10, 500), machine.StartSilo);
        _world.Loop.Schedule(1000 + Dice.Exponential(4000), Correct);
        return true;

        void Correct()
        {
            if (!machine.IsOdd) return;
            _world.Trace(machine.Name.Value, () => "its configuration is corrected");
            machine.IsOdd = false;
            if (machine.Silo is { IsOdd: false }) return;
            machine.StopSilo("its configuration is corrected");
            _world.RestartLater(machine);
        }
    }

    /// <summary>
    /// Tells every host to stop, within a second. If their memory is lost too, only storage has the snapshot that the hosts promised.
    /// </summary>
    private bool StopAll()
    {
        var silos = _world.Machines.Select(machine => machine.Silo).OfType<Cluster.Silo>().Where(silo => silo is { IsMember: true, State.IsLeaving: false }).ToList();
        if (silos.Count == 0) return false;
        var limit = _world.Job.Storage is null ? 2000 : Dice.Between(2000, 20_000);
        var losesMemory = Dice.Chance(0.5);
        _world.Trace("", () => "every host is told to stop");
        foreach (var silo in silos) _world.Loop.Schedule(Dice.Between(0, 1000), () => silo.Launch(() => LeaveAsync(silo)));
        return true;

        async Task LeaveAsync(Cluster.Silo silo)
        {
            if (!silo.IsMember) return;
            await silo.LeaveAsync(limit);
            if (losesMemory && Alive) silo.Machine.PowerOff(silently: false);
            _world.RestartLater(silo.Machine);
        }
    }

    private bool LoseNames(Machine machine)
    {
        var machines = Dice.Chance(0.5) ? _world.Machines.ToList() : [machine];
        _world.Trace("", () => $"segment files are deleted on {string.Join(", ", machines.Select(each => each.Name))}");
        machines.ForEach(each => each.Memory.LoseNames());
        return true;
    }

    private bool ForgetRoot()
    {
        if (_world.Directory.Registered(RootActivation.Key) is not { Alive: true }) return false;
        _world.Directory.Forget(RootActivation.Key);
        // Some silos must ask the directory again, the others call the root agent that they know.
        foreach (var machine in _world.Machines.Where(_ => Dice.Chance(0.5))) machine.Silo?.Known.Remove(RootActivation.Key);
        return true;
    }

    private bool Rot(Machine machine) => Spoil(machine, "rots", slot => slot.Rot());

    private bool RotHeader(Machine machine) => Spoil(machine, "has another header", slot =>
    {
        var (owner, snapshot, hash) = (slot.Owner, slot.Snapshot, slot.Hash);
        switch (Dice.Between(0, 3))
        {
            case 0:
                owner = new Rank((owner.Value + 1) % _world.Job.WorldSize);
                break;
            case 1:
                snapshot = new SnapshotId(new Iteration(snapshot.Iteration.Value ^ (1L << Dice.Between(0, 6))), snapshot.Epoch);
                break;
            case 2:
                snapshot = new SnapshotId(snapshot.Iteration, new Epoch(snapshot.Epoch.Value ^ (1L << Dice.Between(0, 3))));
                break;
            default:
                hash = new ContentHash(hash.Value ^ (1UL << 17));
                break;
        }

        slot.RotHeader(owner, snapshot, hash);
    });

    private bool MistakeHash(Machine machine) => Spoil(machine, "has a wrong hash", slot => slot.MistakeHash(Dice.Between(0, 63)));

    private bool Spoil(Machine machine, string how, Action<Slot> spoil)
    {
        var copies = machine.Memory.Sealed.Where(slot => slot.IsSound).ToList();
        if (copies.Count == 0) return false;
        var slot = Dice.Pick(copies);
        _world.Trace(machine.Name.Value, () => $"its copy of rank {slot.Owner}, {slot.Snapshot}, {how}");
        spoil(slot);
        return true;
    }

    private bool RotStorage()
    {
        if (!_world.Storage.Sound.Any()) return false;
        _world.Storage.RotNewest();
        return true;
    }

    private bool Partition(bool bothWays)
    {
        var nodes = Dice.Shuffled(Enumerable.Range(0, _world.Network.Nodes));
        var size = Dice.Between(1, nodes.Length - 1);
        var links = nodes.Take(size).SelectMany(from => nodes.Skip(size).Select(to => (from, to))).ToList();
        return CutFor(bothWays ? "partition" : "one-way partition", links, bothWays);
    }

    private bool Isolate(Machine machine)
    {
        var others = Enumerable.Range(0, _world.Network.Nodes).Where(node => node != machine.Index && (node != _world.RedisNode || Dice.Chance(0.5)));
        return CutFor($"{machine.Name} is isolated", [.. others.Select(other => (machine.Index, other))], bothWays: true);
    }

    private bool CutFor(string what, List<(int From, int To)> links, bool bothWays) => For(
        $"{what}: {string.Join(' ', links.Select(link => $"{link.From}-{link.To}"))}",
        () => links.ForEach(link => _world.Network.Cut(link.From, link.To, bothWays)),
        () => links.ForEach(link =>
        {
            _world.Network.Mend(link.From, link.To);
            if (bothWays) _world.Network.Mend(link.To, link.From);
        }));

    private bool Swizzle()
    {
        var nodes = Dice.Shuffled(Enumerable.Range(0, _world.Network.Nodes)).Take(Dice.Between(1, 3)).ToList();
        var all = Enumerable.Range(0, _world.Network.Nodes).ToList();
        var last = 0;
        foreach (var node in nodes)
        {
            last += Dice.Between(10, 500);
            _world.Loop.Schedule(last, () => Change(node, _world.Network.Clog));
        }

        foreach (var node in Dice.Shuffled(nodes))
        {
            last += Dice.Between(100, 2000);
            _world.Loop.Schedule(last, () => Change(node, _world.Network.Unclog));
        }

        return true;

        void Change(int node, Action<int, int> change)
        {
            if (!Alive && change == _world.Network.Clog) return;
            foreach (var other in all)
            {
                change(node, other);
                change(other, node);
            }
        }
    }

    private bool Misjudge(Machine machine)
    {
        if (machine.Silo is not { IsMember: true } silo || _world.Record.IsAway) return false;
        _world.Membership.DeclareDead(machine.Name, silo.Incarnation);
        return true;
    }

    private bool Jump(Machine machine)
    {
        machine.ClockOffset += Dice.Between(-_world.Options.SkewMilliseconds, _world.Options.SkewMilliseconds);
        return true;
    }

    /// <summary>Gives the machine a handicap for some time, or until all faults are over.</summary>
    private bool Hamper(Machine machine, FaultKind handicap)
    {
        if (machine.Handicap is not null) return false;
        _world.Trace(machine.Name.Value, () => $"its handicap is {handicap}");
        machine.Handicap = handicap;
        if (Dice.Chance(0.5)) _world.Loop.Schedule(100 + Dice.Exponential(5000), Recover);
        return true;

        void Recover()
        {
            if (!Alive) return;
            _world.Trace(machine.Name.Value, () => $"over: its handicap is {handicap}");
            machine.Handicap = null;
        }
    }

    private bool For(string what, Action begin, Action end)
    {
        _world.Trace("", () => what);
        begin();
        _world.Loop.Schedule(100 + Dice.Exponential(2500), () =>
        {
            _world.Trace("", () => $"over: {what}");
            end();
        });
        return true;
    }
}
