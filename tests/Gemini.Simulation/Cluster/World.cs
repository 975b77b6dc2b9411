using System.Collections.Immutable;
using Gemini.Grains.Placement;
using Gemini.Grains.Placement.Plans;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;
using Gemini.Simulation.Runs;
using Gemini.Simulation.Truths;

namespace Gemini.Simulation.Cluster;

/// <summary>All parts of one run: machines, network, the stores, virtual time, and the truths.</summary>
internal sealed class World
{
    private readonly Defect _defect;
    private readonly Trace _trace;
    private readonly Dictionary<string, TrainerProcess> _trainers = [];
    private readonly Dictionary<(Epoch Epoch, string Ring), Collective> _collectives = [];

    public World(SimulationOptions options, Defect defect, EventLoop loop, Trace trace)
    {
        (Options, Loop, _defect, _trace, Total) = (options, loop, defect, trace, options.Total);
        Dice = new Dice(~options.Seed);
        Job = options.ToJob();
        OddJob = Job with { Replicas = Job.Replicas > 1 ? Job.Replicas - 1 : 2, Placement = ReplicaPlacement.Mixed, Trainer = "gemini-trainer --seed 2" };
        Placement = JobPlacement.PlanOf(Job);
        CoordinatorOptions = options.ToCoordinatorOptions(defect);
        RedisNode = options.Hosts + options.Standbys;
        Network = new Network(Loop, Dice, RedisNode + 1);
        Truths = new FiveTruths(this);
        Record = new RecordStore(this);
        Storage = new SharedStorage(this);
        Directory = new GrainDirectory(this);
        var names = Job.Hosts.Concat(Enumerable.Range(1, options.Standbys).Select(index => new HostName($"s{index}")));
        Machines = [.. names.Select((name, index) => new Machine(this, index, name))];
        Membership = new Membership(this);
        foreach (var machine in Machines)
        {
            machine.ClockOffset = Dice.Between(-options.SkewMilliseconds, options.SkewMilliseconds);
            machine.StartSilo();
        }
    }

    public SimulationOptions Options { get; }

    public EventLoop Loop { get; }

    public Dice Dice { get; }

    public JobSpec Job { get; }

    /// <summary>The job as an odd host is configured.</summary>
    public JobSpec OddJob { get; }

    public PlacementPlan Placement { get; }

    public CoordinatorOptions CoordinatorOptions { get; }

    public Network Network { get; }

    /// <summary>The node of the network for Redis: the record and the membership.</summary>
    public int RedisNode { get; }

    public RecordStore Record { get; }

    public SharedStorage Storage { get; }

    public GrainDirectory Directory { get; }

    public Membership Membership { get; }

    public ImmutableArray<Machine> Machines { get; }

    public FiveTruths Truths { get; }

    public Statistics Statistics { get; } = new();

    /// <summary>How many iterations trainers mean to run that start from now on.</summary>
    public int Total { get; set; }

    /// <summary>No copy goes from host to host: every send fails, and is tried again.</summary>
    public bool HoldsReplication { get; set; }

    /// <summary>A pause of every rank, which nobody announces, each time after it has finished this iteration; null: no pause.</summary>
    public (Iteration After, int Milliseconds)? Evaluation { get; set; }

    /// <summary>Faults are over.</summary>
    public bool IsCalm { get; set; }

    /// <summary>The first broken truth or other error; null if there is none.</summary>
    public string? Failure { get; private set; }

    /// <summary>The job correctly began anew, because no trace of it was left. From here on it is another run of the job.</summary>
    public bool HasEndedAnew { get; private set; }

    public long Now => Loop.Now;

    /// <summary>The coordinator of the root agent that wrote the record last; null if there is none.</summary>
    public JobCoordinator? Coordinator => Roots.FindLast(root => root.IsNewest)?.Coordinator;

    /// <summary>Every root agent that ever came up.</summary>
    public List<RootActivation> Roots { get; } = [];

    public bool Has(Defect defect) => _defect == defect;

    public void Trace(string who, Func<string> what)
    {
        if (_trace.IsOn) _trace.Add(Now, who, what());
    }

    public void Fail(string what)
    {
        Trace("", () => $"FAILED: {what}");
        Failure ??= what;
    }

    public void EndAnew()
    {
        Trace("", () => "the job begins anew: its record and all its copies were lost");
        HasEndedAnew = true;
    }

    public void Broke(Exception error) => Fail($"an actor threw: {error}");

    public Machine MachineOf(HostName host) => Machines.First(machine => machine.Name == host);

    public TrainerProcess NewTrainer(Machine machine, int localIndex)
    {
        var trainer = new TrainerProcess(this, machine, localIndex, _trainers.Count + 1);
        _trainers.Add(trainer.RingEndpoint, trainer);
        return trainer;
    }

    public TrainerProcess? TrainerAt(string endpoint) => _trainers.GetValueOrDefault(endpoint);

    public Collective CollectiveOf(Epoch epoch, ImmutableArray<string> ring)
    {
        var key = (epoch, string.Join(',', ring));
        if (!_collectives.TryGetValue(key, out var collective)) _collectives.Add(key, collective = new Collective(this, epoch, ring));
        return collective;
    }

    /// <summary>Starts the machine or its silo again, soon or only when all faults are over.</summary>
    public void RestartLater(Machine machine)
    {
        if (!IsCalm && Dice.Chance(Options.StaysDown)) return;
        Loop.Schedule(200 + Dice.Exponential(3000), machine.StartSilo);
    }

    public string Describe() => string.Join(
        Environment.NewLine,
        Machines.Select(Describe).Prepend($"record: epoch {Record.Record.Epoch}, restored {Record.Record.Restore}, "
            + $"committed at least {Record.Record.Committed}, hosts {string.Join(",", Record.Record.Assignment.Select(host => host?.ToString() ?? "none"))}; "
            + $"root agent: {Coordinator?.Phase}: {Coordinator?.Reason}"));

    private static string Describe(Machine machine)
    {
        var silo = machine.Silo is { } process
            ? $"silo {process.Incarnation}{(process.IsUp ? "" : " joining")}, done {process.State.Done} of {process.State.Directive.Version}, "
                + $"committed {process.State.Committed}"
            : machine.IsOn ? "no silo" : "off";
        var trainers = string.Join(", ", machine.LiveTrainers.Select(trainer => $"rank {trainer.Rank} {trainer.State} at {trainer.Iteration}@{trainer.Epoch}"));
        var copies = string.Join(" ", machine.Memory.Sealed.Select(slot => $"{slot.Owner}:{slot.Snapshot}{(slot.IsSound ? "" : "!")}"));
        return $"  {machine.Name}: {silo}; {trainers}; holds {copies}";
    }
}
