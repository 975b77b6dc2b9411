namespace Gemini.Interfaces.Model;

/// <summary>One training process of a host, as its host sees it.</summary>
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

    /// <summary>The newest snapshot captured in own host memory in this epoch.</summary>
    [Id(5)] public Iteration Captured { get; init; }

    /// <summary>The newest iteration of <see cref="Epoch"/> of which it knew, when it connected to its silo, that it is committed.</summary>
    [Id(26)] public Iteration Committed { get; init; }

    /// <summary>Mean training loss of the newest iteration, over all ranks; NaN before the first.</summary>
    [Id(6)] public double Loss { get; init; } = double.NaN;

    /// <summary>Duration of the newest iteration in milliseconds; 0 before the first.</summary>
    [Id(7)] public double IterationMilliseconds { get; init; }

    /// <summary>"address:port" at which its ring listener accepts, empty until it joined.</summary>
    [Id(8)] public string RingEndpoint { get; init; } = "";

    /// <summary>Size of its shard's payload in bytes; 0 until it declared its state.</summary>
    [Id(9)] public long ShardBytes { get; init; }

    /// <summary>The peer whose connection broke, when <see cref="State"/> is <see cref="TrainerState.Interrupted"/>.</summary>
    [Id(10)] public Rank? LostPeer { get; init; }

    /// <summary>When the process was seen to die or to lose its peer, Unix time in milliseconds; 0 otherwise.</summary>
    [Id(11)] public long FailedAtUnixMilliseconds { get; init; }

    /// <summary>How many saves came to nothing, because no slot was free in time or because they failed.</summary>
    [Id(12)] public long SkippedSaves { get; init; }

    /// <summary>Why the newest save of this epoch came to nothing, for people; empty if it worked.</summary>
    [Id(16)] public string SaveProblem { get; init; } = "";

    /// <summary>What the trainer trains, in its own words ("gpt2-tiny, 3.3 M parameters"); empty until it joined.</summary>
    [Id(13)] public string Description { get; init; } = "";

    /// <summary>Number of parameters of the whole model; 0 until it joined.</summary>
    [Id(14)] public long ParameterCount { get; init; }

    /// <summary>Number of iterations the trainer means to run; 0 until it joined, or when it does not say.</summary>
    [Id(15)] public long TotalIterations { get; init; }

    /// <summary>Whether the process has loaded and compiled what a first iteration needs: it can take part at once.</summary>
    [Id(60)] public bool IsWarm { get; init; }

    /// <summary>Spare processes that are warm and would take this trainer's place if it died.</summary>
    [Id(61)] public int WarmSpares { get; init; }

    /// <summary>Where it answers whether it lives, <see cref="Wire.LivenessProtocol.Address"/>; empty for one that does not.</summary>
    [Id(20)] public string Liveness { get; init; } = "";

    /// <summary>Milliseconds of the newest iteration in which it did not wait for other ranks; 0 when it does not say.</summary>
    [Id(21)] public double BusyMilliseconds { get; init; }

    /// <summary>What the training loop does in a pause that it announced, such as "evaluation"; empty: it announced none.</summary>
    [Id(22)] public string PauseReason { get; init; } = "";

    /// <summary>The longest that the announced pause may take, in milliseconds; 0: it announced none.</summary>
    [Id(23)] public long PauseLimitMilliseconds { get; init; }

    /// <summary>How often this process has announced the begin or the end of a pause: a new pause is a sign of life.</summary>
    [Id(24)] public long PauseNumber { get; init; }

    /// <summary>The newest epoch that this process was told of: it takes no restore point of an earlier one. Zero before the first.</summary>
    [Id(25)] public Epoch Fence { get; init; }
}
