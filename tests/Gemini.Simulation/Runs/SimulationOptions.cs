using Gemini.Grains.Health;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Runs;

/// <summary>The shape of one run, drawn from its seed.</summary>
internal sealed record SimulationOptions
{
    public required int Seed { get; init; }

    public required int Hosts { get; init; }

    public required int Replicas { get; init; }

    public required int Standbys { get; init; }

    public required int RanksPerHost { get; init; }

    public StoragePolicy? Storage { get; init; }

    public required ReplicaPlacement Placement { get; init; }

    /// <summary>Iterations the job means to run.</summary>
    public required int Total { get; init; }

    public required int IterationMilliseconds { get; init; }

    /// <summary>How long a save waits for a slot.</summary>
    public required int SlotWaitMilliseconds { get; init; }

    /// <summary>
    /// The silo grace: how long a host may be without a silo while its trainers continue. It is shorter than in production, so that it passes during
    /// a run.
    /// </summary>
    public required int SiloGraceMilliseconds { get; init; }

    /// <summary>How many iterations are committed before the first fault; 0: faults begin at the start.</summary>
    public required int FaultsFrom { get; init; }

    /// <summary>A trainer without a step for this long hangs. The limit is shorter than in production.</summary>
    public required int StuckFloorMilliseconds { get; init; }

    /// <summary>How long faults are injected.</summary>
    public required int FaultMilliseconds { get; init; }

    /// <summary>Mean time between two faults.</summary>
    public required int FaultGapMilliseconds { get; init; }

    /// <summary>Chance that a message is lost.</summary>
    public required double Loss { get; init; }

    public required double Doubling { get; init; }

    /// <summary>Mean of a message's delay beyond 1 ms.</summary>
    public required double DelayMilliseconds { get; init; }

    /// <summary>How far a machine's clock may be wrong.</summary>
    public required int SkewMilliseconds { get; init; }

    /// <summary>Chance that a machine that went down comes back only when all faults are over.</summary>
    public required double StaysDown { get; init; }

    /// <summary>Whether, when faults are over, as many machines stay down as there are standbys.</summary>
    public required bool HealsOnlyCore { get; init; }

    /// <summary>How often each kind of fault is picked, relative to the others. Kinds that are missing here do not occur.</summary>
    public required IReadOnlyDictionary<FaultKind, int> Faults { get; init; }

    /// <summary>The root agent's settings; null: limits that are shorter than in production, so that they pass during a run.</summary>
    public CoordinatorOptions? Coordinator { get; init; }

    /// <summary>Changes the specification of the job. Default: no change.</summary>
    public Func<JobSpec, JobSpec> Configure { get; init; } = job => job;

    public JobSpec ToJob() => Configure(new()
    {
        Name = "job",
        Hosts = [.. Enumerable.Range(1, Hosts).Select(index => new HostName($"h{index}"))],
        RanksPerHost = RanksPerHost,
        Replicas = Replicas,
        Storage = Storage,
        Placement = Placement,
    });

    public CoordinatorOptions ToCoordinatorOptions(Defect defect) => Coordinator ?? new()
    {
        Health = new HealthOptions
        {
            SiloGrace = TimeSpan.FromMilliseconds(SiloGraceMilliseconds),
            StuckFloor = TimeSpan.FromMilliseconds(StuckFloorMilliseconds),
            LoadLimit = TimeSpan.FromMilliseconds(StuckFloorMilliseconds * 4),
            CommitFloor = defect is Defect.CommitsNotWatched or Defect.FailedSendsEnd
                ? TimeSpan.FromDays(1) : TimeSpan.FromMilliseconds(StuckFloorMilliseconds * 2),
            ProblemGrace = defect == Defect.NoDeadlines ? TimeSpan.FromDays(1) : TimeSpan.FromSeconds(2),
            StopLimit = defect == Defect.NoDeadlines ? TimeSpan.FromDays(1) : TimeSpan.FromSeconds(6),
            StartLimit = defect == Defect.NoDeadlines ? TimeSpan.FromDays(1) : TimeSpan.FromSeconds(5),
            StepSlack = TimeSpan.FromSeconds(3),
            CulpritAttempts = defect is Defect.NoCulprits or Defect.NoBackOff ? int.MaxValue : 3,
            AttemptPauseLimit = defect == Defect.NoBackOff ? TimeSpan.Zero : TimeSpan.FromSeconds(10),
            SetbackPause = TimeSpan.FromSeconds(3),
            SetbackPauseLimit = TimeSpan.FromSeconds(30),
        },
    };

    public static SimulationOptions Draw(int seed)
    {
        var dice = new Dice(seed);
        var hosts = dice.Pick([2, 3, 3, 4, 4, 4, 5, 5, 6, 7, 8]);
        var calm = dice.Chance(0.2);
        var replicas = dice.Chance(0.5) ? Math.Min(2, hosts) : dice.Between(1, Math.Min(hosts, 4));
        return new SimulationOptions
        {
            Seed = seed,
            Hosts = hosts,
            Replicas = replicas,
            Placement = dice.Pick([ReplicaPlacement.Mixed, ReplicaPlacement.Ring, hosts % replicas == 0 ? ReplicaPlacement.Group : ReplicaPlacement.Mixed]),
            Standbys = dice.Between(0, 2),
            RanksPerHost = dice.Chance(0.25) ? 2 : 1,
            Storage = dice.Chance(0.5) ? DrawPolicy(dice) : null,
            Total = dice.Chance(0.3) ? dice.Between(20, 60) : 1_000_000,
            IterationMilliseconds = dice.Between(200, 600),
            SlotWaitMilliseconds = dice.Between(300, 1500),
            SiloGraceMilliseconds = dice.Between(2000, 10_000),
            StuckFloorMilliseconds = dice.Between(3000, 8000),
            FaultsFrom = dice.Chance(0.2) ? 0 : dice.Between(1, 20),
            FaultMilliseconds = dice.Between(6_000, 20_000),
            FaultGapMilliseconds = dice.Between(700, 5000),
            Loss = calm ? 0 : dice.Pick([0, 0.01, 0.05, 0.15]),
            Doubling = calm ? 0 : dice.Pick([0, 0.02, 0.15]),
            DelayMilliseconds = dice.Pick([0.5, 2, 10, 50]),
            SkewMilliseconds = dice.Pick([0, 0, 100, 5000, 3_600_000]),
            StaysDown = dice.Pick([0, 0.2, 0.5]),
            HealsOnlyCore = dice.Chance(0.3),
            Faults = DrawFaults(dice),
        };
    }

    /// <summary>The same run with so many hosts. A seed draws small jobs, because many small runs find more than few large ones.</summary>
    public SimulationOptions WithHosts(int hosts) => this with
    {
        Hosts = hosts,
        Placement = Placement == ReplicaPlacement.Group && hosts % Replicas != 0 ? ReplicaPlacement.Mixed : Placement,
    };

    /// <summary>
    /// A job to which nothing happens by itself, with the root agent's limits of production: no fault, and every message arrives once and in order,
    /// after a millisecond.
    /// </summary>
    public static SimulationOptions WithoutFaults(int hosts, int replicas, int standbys) => new()
    {
        Seed = 1,
        Hosts = hosts,
        Replicas = replicas,
        Placement = ReplicaPlacement.Mixed,
        Standbys = standbys,
        RanksPerHost = 1,
        Total = 1_000_000,
        IterationMilliseconds = 100,
        SlotWaitMilliseconds = 500,
        Coordinator = new CoordinatorOptions(),
        SiloGraceMilliseconds = 0,
        StuckFloorMilliseconds = 0,
        FaultsFrom = 0,
        FaultMilliseconds = 0,
        FaultGapMilliseconds = 0,
        Loss = 0,
        Doubling = 0,
        DelayMilliseconds = 0,
        SkewMilliseconds = 0,
        StaysDown = 0,
        HealsOnlyCore = false,
        Faults = new SortedDictionary<FaultKind, int>(),
    };

    public override string ToString() =>
        $"N={Hosts} m={Replicas} {Placement} standbys={Standbys} ranks/host={RanksPerHost} storage={Storage?.ToString() ?? "none"} total={Total}; "
        + $"iteration {IterationMilliseconds} ms, slot wait {SlotWaitMilliseconds} ms, silo grace {SiloGraceMilliseconds} ms; "
        + $"faults from iteration {FaultsFrom} on for {FaultMilliseconds} ms, one in {FaultGapMilliseconds} ms; "
        + $"loss {Loss}, doubling {Doubling}, delay {DelayMilliseconds} ms, "
        + $"skew {SkewMilliseconds} ms, stays down {StaysDown}{(HealsOnlyCore ? ", heals only a core" : "")}; "
        + string.Join(' ', Faults.Select(fault => $"{fault.Key}:{fault.Value}"));

    private static StoragePolicy DrawPolicy(Dice dice) =>
        dice.Chance(0.7) ? new StoragePolicy { EveryIterations = dice.Between(2, 8) } : new StoragePolicy { Every = TimeSpan.FromSeconds(dice.Between(0, 3)) };

    private static SortedDictionary<FaultKind, int> DrawFaults(Dice dice)
    {
        var faults = new SortedDictionary<FaultKind, int>();
        foreach (var kind in Enum.GetValues<FaultKind>())
        {
            var isRare = kind is FaultKind.AllHosts or FaultKind.AllSilos or FaultKind.StopAll;
            if (dice.Chance(isRare ? 0.25 : 0.35)) faults.Add(kind, isRare ? 1 : dice.Between(1, 6));
        }

        return faults;
    }
}
