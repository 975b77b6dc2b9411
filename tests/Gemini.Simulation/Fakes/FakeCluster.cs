using Gemini.Grains.Health;
using Gemini.Grains.Placement;
using Gemini.Grains.Placement.Plans;
using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Engine;

namespace Gemini.Simulation.Fakes;

/// <summary>
/// A job of fake hosts around a real <see cref="JobCoordinator"/> and real commit ledgers, in one thread and in virtual time. In one tick trainers
/// step, silos work, replicas move, hosts announce and report, and the root agent evaluates. The real <see cref="RootDriver"/> drives the
/// coordinator.
/// </summary>
internal sealed class FakeCluster
{
    public const int TickMilliseconds = 100;

    private readonly FakeRing _ring;
    private int _processes;

    public FakeCluster(
        int hosts, int replicas, int standbys = 0, int total = 1_000_000, int? seed = null, StoragePolicy? storage = null, CoordinatorOptions? options = null,
        Func<JobSpec, JobSpec>? configure = null)
    {
        Job = new JobSpec { Name = "job", Hosts = [.. Enumerable.Range(1, hosts).Select(index => new HostName($"h{index}"))], Replicas = replicas, Storage = storage };
        Options = options ?? new CoordinatorOptions();
        if (Options.Machines is not null) Job = Job with { Standbys = [.. Enumerable.Range(1, standbys).Select(index => new HostName($"s{index}"))] };
        if (configure is not null) Job = configure(Job);
        Total = new Iteration(total);
        Random = seed is { } value ? new Random(value) : null;
        Chaos = new Chaos(Random);
        Placement = JobPlacement.PlanOf(Job);
        Invariants = new ClusterInvariants(this);
        var names = Job.Hosts.Concat(Enumerable.Range(1, standbys).Select(index => new HostName($"s{index}")));
        Hosts = [.. names.Select(name => new FakeHost(this, name))];
        Root = new FakeRoot(this);
        _ring = new FakeRing(this);
        foreach (var host in Hosts) host.Start();
    }

    public JobSpec Job { get; }

    public CoordinatorOptions Options { get; }

    /// <summary>Called at the end of every tick.</summary>
    public Action? AfterTick { get; set; }

    /// <summary>How many iterations trainers run that start from now on.</summary>
    public Iteration Total { get; set; }

    public EventLoop Loop { get; } = new();

    public long Now => Loop.Now;

    public Random? Random { get; }

    public Chaos Chaos { get; }

    public PlacementPlan Placement { get; }

    public IReadOnlyList<FakeHost> Hosts { get; }

    public FakeRoot Root { get; }

    public FakeStore Store { get; } = new();

    public ClusterInvariants Invariants { get; }

    public JobPhase Phase => Root.Coordinator?.Phase ?? JobPhase.Forming;

    public JobStatus Status => Root.Coordinator!.Status(Root.Host, Now);

    public RecoveryTimeline LastRecovery => Root.Store.Recoveries[^1];

    /// <summary>A pause of every rank, for this long, each time after it has finished this iteration; null: no pause.</summary>
    public (Iteration After, int Milliseconds)? Evaluation { get; set; }

    /// <summary>Whether no copy goes from host to host.</summary>
    public bool HoldsReplication { get; set; }

    public FakeHost this[string name] => Hosts.Single(host => host.Name.Value == name);

    public FakeHost? HostAt(int position) =>
        Root.Store.Assignment[position] is { } name ? this[name.Value] : null;

    public IEnumerable<FakeTrainer> Trainers => Hosts.SelectMany(host => host.Trainers);

    public FakeTrainer NewTrainer(long failedAt = 0) => new(++_processes, Total) { FailedAt = failedAt };

    public void KillTrainer(string host) => this[host].Trainers[0].Alive = false;

    public void KillSilo(string host) => this[host].KillSilo();

    public void KillHost(string host) => this[host].KillHost();

    public void Start(string host) => this[host].Start();

    /// <summary>A trainer's answer to the question whether it lives.</summary>
    public ProbeAnswer Ask(string address) => Trainers.FirstOrDefault(trainer => trainer.Alive && trainer.Liveness == address) switch
    {
        null => ProbeAnswer.Refused,
        { IsFrozen: true } => ProbeAnswer.Silent,
        { IsHung: true } => ProbeAnswer.Computing,
        _ => ProbeAnswer.WaitingForPeers,
    };

    public Replica? Read(HostName source, Rank owner, SnapshotId snapshot) =>
        this[source.Value] is { SiloAlive: true } host ? host.Memory.Read(owner, snapshot) : null;

    public void Tick()
    {
        Loop.Pause(TickMilliseconds);
        _ring.Step();
        foreach (var host in Chaos.Shuffled(Hosts.Where(host => host.SiloAlive)))
        {
            if (!Chaos.Rests()) host.Work();
        }

        Replicate();
        Root.Tick();
        AfterTick?.Invoke();
    }

    /// <summary>Time passes and nothing runs.</summary>
    public void Pause(int milliseconds) => Loop.Pause(milliseconds);

    public void RunFor(int milliseconds)
    {
        for (var elapsed = 0; elapsed < milliseconds; elapsed += TickMilliseconds) Tick();
    }

    public void RunUntil(JobPhase phase, int limitMilliseconds = 60_000) => RunUntil(() => Phase == phase, $"phase {phase}", limitMilliseconds);

    /// <summary>Runs until training is under way and has committed this many iterations more.</summary>
    public void Train(int iterations)
    {
        RunUntil(JobPhase.Running);
        var goal = Status.Committed.Value + iterations;
        RunUntil(() => Phase == JobPhase.Running && Status.Committed.Value >= goal, $"iteration {goal} committed", 60_000);
    }

    public void RunUntil(Func<bool> reached, string what, int limitMilliseconds)
    {
        for (var elapsed = 0; !reached(); elapsed += TickMilliseconds)
        {
            if (elapsed >= limitMilliseconds) throw new TimeoutException($"{what} not reached within {limitMilliseconds} ms. {Describe()}");
            Tick();
        }
    }

    public string Describe() =>
        $"Epoch {Root.Store.Epoch}, {Phase}: {Root.Coordinator?.Reason}; committed {Root.Coordinator?.Status(default, Now).Committed}; "
        + string.Join("; ", Hosts.Select(Describe));

    private static string Describe(FakeHost host)
    {
        var trainers = string.Join(",", host.Trainers.Select(trainer => $"{trainer.State}@{trainer.Iteration}"));
        var replicas = string.Join(" ", host.Memory.All.Select(replica => $"{replica.Owner}:{replica.Snapshot}"));
        return $"{host.Name}{(host.SiloAlive ? "" : " (no silo)")} done {host.Done} {trainers} holds {replicas}";
    }

    private void Replicate()
    {
        if (HoldsReplication) return;
        foreach (var source in Hosts.Where(host => host.SiloAlive && host.Done.Step >= DirectiveStep.Prepare))
        {
            foreach (var shard in source.Directive.Own)
            {
                var due = source.Memory.Of(shard.Owner).Where(replica => replica.Snapshot.Iteration >= source.Committed);
                foreach (var replica in due.ToList())
                {
                    foreach (var holder in shard.Holders) Send(source, this[holder.Value], replica);
                }
            }
        }
    }

    private void Send(FakeHost source, FakeHost target, Replica replica)
    {
        bool IsIn(FakeHost host) => host.SiloAlive && host.Done.Step >= DirectiveStep.Prepare && host.Directive.Version.Epoch == host.Done.Epoch;

        if (IsIn(source) && IsIn(target) && source.Done.Epoch == target.Done.Epoch && !Chaos.Rests())
            target.Memory.Store(replica, source.Committed);
    }
}
