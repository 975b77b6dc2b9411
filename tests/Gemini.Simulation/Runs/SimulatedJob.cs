using Gemini.Grains.Hosts;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Cluster;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Runs;

/// <summary>
/// A job in the simulated world, whose course a test writes. Only the test makes faults, and the truths are checked as in every run. The hosts are h1
/// to hN, the standbys s1, s2 and so on. All are started with the job. The root agent comes up on the first of them that lives.
/// </summary>
internal sealed class SimulatedJob
{
    /// <summary>The period of <see cref="AfterStep"/>. It is also the period at which the root agent evaluates, and about one iteration.</summary>
    public const int StepMilliseconds = 100;

    /// <summary>How long the cluster takes to declare a dead silo dead.</summary>
    public const int VerdictMilliseconds = 300;

    private readonly EventLoop _loop = new();
    private long _nextStep;

    public SimulatedJob(
        int hosts, int replicas, int standbys = 0, int total = 1_000_000, StoragePolicy? storage = null, CoordinatorOptions? options = null,
        Func<JobSpec, JobSpec>? configure = null)
    {
        var shape = SimulationOptions.WithoutFaults(hosts, replicas, standbys) with { Total = total, Storage = storage };
        if (options is not null) shape = shape with { Coordinator = options };
        if (configure is not null) shape = shape with { Configure = configure };
        World = _loop.Within(() => new World(shape, Defect.None, _loop, new Trace(isOn: false)));
        World.Network.MeanDelay = shape.DelayMilliseconds;
        World.Directory.Place = Place;
        _nextStep = Now + StepMilliseconds;
    }

    public World World { get; }

    /// <summary>Called at the end of every step.</summary>
    public Action? AfterStep { get; set; }

    public long Now => _loop.Now;

    public JobSpec Job => World.Job;

    public IReadOnlyList<Machine> Hosts => World.Machines;

    public Machine this[string host] => World.MachineOf(new HostName(host));

    /// <summary>The record, as its store has it.</summary>
    public RootRecord Record => World.Record.Record;

    public RecoveryTimeline LastRecovery => Record.Recoveries[^1];

    /// <summary>The living root agent's coordinator; null while there is none.</summary>
    public JobCoordinator? Coordinator => Root?.Coordinator;

    /// <summary>The host that the living root agent is on.</summary>
    public HostName RootHost => LiveRoot.Silo.Host;

    public JobPhase Phase => Coordinator?.Phase ?? JobPhase.Forming;

    public JobStatus Status => LiveRoot.Coordinator!.Status(LiveRoot.Silo.Host, Now);

    private RootActivation LiveRoot => Root ?? throw new InvalidOperationException($"No root agent is up. {World.Describe()}");

    private RootActivation? Root => World.Roots.FindLast(root => root.Alive);

    /// <summary>Whether the store has what the living root agent decided last, and the root agent knows that.</summary>
    private bool IsWritten => Root is not { } root || (root.IsNewest && ReferenceEquals(root.Coordinator!.Record, Record));

    public Machine? HostAt(int position) => Record.Assignment[position] is { } name ? World.MachineOf(name) : null;

    public void RunFor(int milliseconds)
    {
        for (var end = Now + milliseconds; Now < end || IsDue(end);) RunNext(end);
    }

    /// <summary>Runs until the job is in this phase and its record is written.</summary>
    public void RunUntil(JobPhase phase, int limitMilliseconds = 60_000) => RunUntil(() => Phase == phase, $"phase {phase}", limitMilliseconds);

    /// <summary>Runs until training is under way and has committed this many iterations more.</summary>
    public void Train(int iterations)
    {
        RunUntil(JobPhase.Running);
        var goal = Coordinator!.Committed.Iteration.Value + iterations;
        RunUntil(() => Phase == JobPhase.Running && Coordinator!.Committed.Iteration.Value >= goal, $"iteration {goal} committed", 60_000);
    }

    /// <summary>Runs until the condition holds after an event, and the record is written.</summary>
    public void RunUntil(Func<bool> reached, string what, int limitMilliseconds)
    {
        for (var end = Now + limitMilliseconds; !(IsWritten && reached());)
        {
            if (Now >= end) throw new TimeoutException($"{what} not reached within {limitMilliseconds} ms. {World.Describe()}");
            RunNext(end);
        }
    }

    /// <summary>Time passes and nothing runs, as if every process was stopped meanwhile.</summary>
    public void Pause(int milliseconds)
    {
        _loop.Pause(milliseconds);
        _nextStep = Now + StepMilliseconds;
    }

    public void KillTrainer(string host) => Do(() => this[host].LiveTrainers.First().Die(silently: false, TrainerEnd.KilledFromOutside));

    public void KillSilo(string host) => Lose(this[host], machine => machine.KillSilo("the test kills it"));

    /// <summary>The silo and the trainers end. The memory stays.</summary>
    public void KillProcesses(string host) => Lose(this[host], machine => machine.EndProcesses("the test ends it"));

    /// <summary>The machine is lost: processes, memory and all.</summary>
    public void KillHost(string host) => Lose(this[host], machine => machine.PowerOff(silently: false));

    public void Start(string host) => Do(this[host].StartSilo);

    /// <summary>Tells the host to stop, like SIGTERM. It leaves when it may, and its memory stays.</summary>
    public void TellToStop(string host)
    {
        const int limitMilliseconds = 3_600_000;
        var silo = this[host].Silo!;
        Do(() => silo.Launch(() => silo.LeaveAsync(limitMilliseconds)));
    }

    /// <summary>The root agent ends; its silo lives.</summary>
    public void KillRoot() => World.Directory.Registered(RootActivation.Key)!.End();

    /// <summary>The store loses the record, and the root agent ends.</summary>
    public void LoseRecord()
    {
        World.Record.Lose();
        KillRoot();
    }

    /// <summary>The host's trainers make no progress, and live.</summary>
    public void Hang(string host)
    {
        foreach (var trainer in this[host].LiveTrainers) trainer.Hold();
    }

    /// <summary>The host's trainers are stopped, and do not even answer.</summary>
    public void Freeze(string host)
    {
        Hang(host);
        foreach (var trainer in this[host].LiveTrainers) trainer.IsFrozen = true;
    }

    /// <summary>The host's worker agent hangs at this step, which is Halt or Prepare. Its silo lives and reports.</summary>
    public void HangAt(string host, DirectiveStep step) =>
        this[host].Handicap = step == DirectiveStep.Halt ? FaultKind.HaltHang : FaultKind.PrepareHang;

    /// <summary>The host finds all its copies bad, and gives them up.</summary>
    public void LoseCopies(string host) => Do(() =>
    {
        this[host].Memory.DiscardAll();
        this[host].Silo!.Memory.NoteDamaged();
    });

    /// <summary>What the host reports now.</summary>
    public HostReport ReportOf(Machine host) => _loop.Within(() => host.Silo!.Direct(host.Silo.State.Directive));

    /// <summary>A silo that has started and not yet joined is waited for.</summary>
    private Cluster.Silo? Place(IReadOnlyList<Cluster.Silo> candidates) =>
        Hosts.First(host => host.Silo is not null).Silo is { } first && candidates.Contains(first) ? first : null;

    private void Lose(Machine machine, Action<Machine> lose)
    {
        var silo = machine.Silo;
        Do(() => lose(machine));
        if (silo is null) return;
        _loop.Schedule(VerdictMilliseconds, () =>
        {
            // Without another silo nobody notices.
            if (Hosts.Any(other => other.Silo is { IsMember: true })) World.Membership.DeclareDead(machine.Name, silo.Incarnation);
        });
    }

    private void Do(Action action) => _loop.Within(action);

    private bool IsDue(long limit) => _nextStep <= limit;

    /// <summary>Runs the next event, if it is due within the limit; otherwise time passes, to the end of the step or to the limit.</summary>
    private void RunNext(long limit)
    {
        if (!_loop.Within(() => _loop.RunNext(Math.Min(limit, _nextStep))) && IsDue(Now)) EndStep();
        if (World.Failure is { } failure) throw new InvalidOperationException($"{failure}{Environment.NewLine}{World.Describe()}");
    }

    private void EndStep()
    {
        _nextStep += StepMilliseconds;
        World.Truths.Scan();
        AfterStep?.Invoke();
    }
}
