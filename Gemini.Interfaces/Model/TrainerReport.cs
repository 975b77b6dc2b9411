namespace Gemini.Interfaces.Model;

/// <summary>One training process of a host, as the host sees it.</summary>
[GenerateSerializer, Immutable, Alias("gemini.TrainerReport")]
public sealed record TrainerReport
{
    /// <summary>Which of the host's trainers: 0 to R-1.</summary>
    [Id(0)] public required int LocalIndex { get; init; }

    [Id(1)] public required TrainerState State { get; init; }

    /// <summary>Operating system process id; 0 while unknown.</summary>
    [Id(2)] public int ProcessId { get; init; }

    /// <summary>The epoch whose restore point it loaded; zero before the first.</summary>
    [Id(3)] public Epoch Epoch { get; init; }

    /// <summary>The newest iteration it finished in this epoch, or the one it resumed from.</summary>
    [Id(4)] public Iteration Iteration { get; init; }

    /// <summary>The newest iteration captured in own host memory in this epoch, or the iteration that the trainer resumed from.</summary>
    [Id(5)] public Iteration Captured { get; init; }

    /// <summary>
    /// The newest iteration of <see cref="Epoch"/> that the trainer knew to be committed when it connected to its silo, or the iteration that it has
    /// loaded since.
    /// </summary>
    [Id(26)] public Iteration Committed { get; init; }

    /// <summary>Mean training loss of the newest iteration, over all ranks; NaN before the first.</summary>
    [Id(6)] public double Loss { get; init; } = double.NaN;

    /// <summary>Duration of the newest iteration in milliseconds; 0 before the first.</summary>
    [Id(7)] public double IterationMilliseconds { get; init; }

    /// <summary>"address:port" of its ring listener; empty until its hello.</summary>
    [Id(8)] public string RingEndpoint { get; init; } = "";

    /// <summary>Size of its shard's payload in bytes; 0 until it has declared its shard.</summary>
    [Id(9)] public long ShardBytes { get; init; }

    /// <summary>The peer whose connection broke, when <see cref="State"/> is <see cref="TrainerState.Interrupted"/>.</summary>
    [Id(10)] public Rank? LostPeer { get; init; }

    /// <summary>When the process was seen to die or to lose its peer, Unix time in milliseconds; 0 otherwise.</summary>
    [Id(11)] public long FailedAtUnixMilliseconds { get; init; }

    /// <summary>How many saves produced no snapshot, because no slot was free in time or because they failed.</summary>
    [Id(12)] public long SkippedSaves { get; init; }

    /// <summary>Why the newest save of this epoch produced no snapshot, for people; empty if it worked.</summary>
    [Id(16)] public string SaveProblem { get; init; } = "";

    /// <summary>What the trainer trains, as it describes it ("gpt2-tiny, 3.3 M parameters"); empty until its hello.</summary>
    [Id(13)] public string Description { get; init; } = "";

    /// <summary>Number of parameters of the whole model; 0 until the hello, or if not known.</summary>
    [Id(14)] public long ParameterCount { get; init; }

    /// <summary>Number of iterations that the trainer will run; 0 until the hello, or if it does not say.</summary>
    [Id(15)] public long TotalIterations { get; init; }

    /// <summary>Whether the process has loaded and compiled everything that a first iteration needs, so that it can take part at once.</summary>
    [Id(60)] public bool IsWarm { get; init; }

    /// <summary>Spare processes that are warm and would take this trainer's place if it died.</summary>
    [Id(61)] public int WarmSpares { get; init; }

    /// <summary>The <see cref="Wire.LivenessProtocol.Address"/> at which it answers liveness questions; empty if it answers none.</summary>
    [Id(20)] public string Liveness { get; init; } = "";

    /// <summary>Milliseconds of the newest iteration in which it did not wait for other ranks; 0 if it does not report this.</summary>
    [Id(21)] public double BusyMilliseconds { get; init; }

    /// <summary>What the training loop does in the pause that it announced, such as "evaluation"; empty without a pause.</summary>
    [Id(22)] public string PauseReason { get; init; } = "";

    /// <summary>The longest that the announced pause may take, in milliseconds; 0 without a pause.</summary>
    [Id(23)] public long PauseLimitMilliseconds { get; init; }

    /// <summary>How often this process has announced the beginning or the end of a pause. A change is a sign of life.</summary>
    [Id(24)] public long PauseNumber { get; init; }

    /// <summary>The newest epoch that this process knows. It accepts no restore point of an earlier epoch. Zero before the first epoch.</summary>
    [Id(25)] public Epoch EpochFloor { get; init; }
}
