using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Cluster.Ports;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster;

/// <summary>
/// One silo process: the product's own <see cref="WorkerAgent"/> on simulated ports, and its place in the cluster. It joins, serves and supervises
/// trainers until it dies.
/// </summary>
internal sealed partial class Silo : Process
{
    private readonly World _world;
    private readonly StoragePort _storage;
    private readonly ControlPlanePort _controlPlane;
    private readonly BackgroundPort _background = new();
    private long _viewVersion;

    public Silo(World world, Machine machine, long incarnation)
        : base(world.Loop, world.Broke)
    {
        (_world, Machine, Incarnation, IsOdd) = (world, machine, incarnation, machine.IsOdd);
        Memory = new MemoryPort(world, this);
        Trainers = new TrainersPort(world, this);
        Links = new LinksPort(world, this);
        _storage = new StoragePort(world, this);
        _controlPlane = new ControlPlanePort(world, this);
        var ports = new WorkerAgentPorts(Memory, Trainers, Links, new CopiesPort(world, this), _storage, _controlPlane, _background);
        Agent = new WorkerAgent(
            Job, new HostIdentity(Host, incarnation, CopiesPort.EndpointOf(Host), ""), State, ports, new LoopTimeProvider(world.Loop, this),
            new TraceLog<WorkerAgent>(world, Host));
        State.Changed += _controlPlane.NoteNews;
        Trainers.Changed += _controlPlane.NoteNews;
        _storage.Changed += _controlPlane.NoteNews;
        _background.Changed += _controlPlane.NoteNews;
        Launch(StartAsync);
    }

    public Machine Machine { get; }

    public HostName Host => Machine.Name;

    public long Incarnation { get; }

    /// <summary>Whether it was started with another configuration than the job's.</summary>
    public bool IsOdd { get; }

    /// <summary>The job as this silo is configured.</summary>
    public JobSpec Job => IsOdd ? _world.OddJob : _world.Job;

    public WorkerAgent Agent { get; }

    public HostState State { get; } = new();

    public MemoryPort Memory { get; }

    public TrainersPort Trainers { get; }

    public LinksPort Links { get; }

    /// <summary>Whether it has joined the cluster and serves calls.</summary>
    public bool IsUp { get; private set; }

    public bool IsMember => IsUp && Alive;

    /// <summary>The silo processes that this silo believes to be alive or dead.</summary>
    public ImmutableArray<MemberView> View { get; private set; } = [];

    /// <summary>Where it found grains.</summary>
    public Dictionary<string, Activation> Known { get; } = [];

    /// <summary>Gives the agent a directive of the root agent. Returns its report, which it makes at once, with the defects of a report.</summary>
    public HostReport Direct(HostDirective directive) => _controlPlane.Spoil(Agent.DirectAsync(directive).GetAwaiter().GetResult());

    public bool HoldsDead(Silo silo) => View.Any(member => member.Dead && member.Host == silo.Host && member.Incarnation == silo.Incarnation);

    /// <summary>Takes a newer state of the membership.</summary>
    public void See(ImmutableArray<MemberView> table, long version)
    {
        if (!IsMember || version <= _viewVersion) return;
        (View, _viewVersion) = (table, version);
        _background.MembershipChanged();
        if (!HoldsDead(this)) return;
        _world.Statistics.Suicide();
        Machine.KillSilo("it was declared dead");
        _world.RestartLater(Machine);
    }

    /// <summary>Hangs as long as this handicap keeps the machine from its part.</summary>
    /// <exception cref="OperationCanceledException">The caller no longer waits.</exception>
    public async Task HangAsync(FaultKind handicap, CancellationToken ct)
    {
        while (Machine.Handicap == handicap)
        {
            await Delay(200);
            ct.ThrowIfCancellationRequested();
        }
    }
}
