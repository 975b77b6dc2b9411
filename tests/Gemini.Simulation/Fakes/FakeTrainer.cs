using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Fakes;

/// <summary>A training process with two slots (the newest committed snapshot and a pending one) and a ring to its peers.</summary>
internal sealed class FakeTrainer(int processId, Iteration total)
{
    public int ProcessId { get; } = processId;

    public string RingEndpoint => $"ring:{ProcessId}";

    public string Liveness => $"liveness:{ProcessId}";

    public bool Alive { get; set; } = true;

    /// <summary>It makes no progress, and is not dead.</summary>
    public bool IsHung { get; set; }

    /// <summary>The announced pause between two iterations, and its limit.</summary>
    public (string Reason, long LimitMilliseconds) Pause { get; private set; } = ("", 0);

    /// <summary>How often it has announced the begin or the end of a pause.</summary>
    public long PauseNumber { get; private set; }

    /// <summary>Whether it is stopped or cut off: it does not even answer the question whether it lives.</summary>
    public bool IsFrozen { get; set; }

    public TrainerState State { get; set; } = TrainerState.Starting;

    public Rank? Rank { get; set; }

    public Epoch Epoch { get; set; }

    public Iteration Iteration { get; set; }

    /// <summary>When it finished its iteration.</summary>
    public long FinishedAt { get; set; }

    public Iteration Captured { get; set; }

    /// <summary>The newest iteration it knows to be committed.</summary>
    public Iteration Committed { get; set; }

    /// <summary>The snapshot in the other slot, neither committed nor abandoned.</summary>
    public Iteration? Pending { get; set; }

    /// <summary>A finished iteration that waits for a slot, and since when.</summary>
    public (Iteration Iteration, long Since)? Parked { get; set; }

    public Rank? LostPeer { get; set; }

    public long FailedAt { get; set; }

    /// <summary>The peers it was told to connect to, by rank.</summary>
    public ImmutableArray<string> Ring { get; set; } = [];

    /// <summary>The restore point that it was given: the directive at that time.</summary>
    public HostDirective? Handed { get; private set; }

    public bool IsInEpoch => Alive && State is TrainerState.Training or TrainerState.Finished;

    /// <summary>It announces a pause and makes no step from now on.</summary>
    public void BeginPause(string reason, long limitMilliseconds) => (IsHung, Pause, PauseNumber) = (true, (reason, limitMilliseconds), PauseNumber + 1);

    public void EndPause() => (IsHung, Pause, PauseNumber) = (false, ("", 0), PauseNumber + 1);

    /// <summary>The silo's stop: the trainer leaves the step and waits for a restore point.</summary>
    public void Stop()
    {
        if (IsHung || IsFrozen)
        {
            // Its supervisor gets no answer, or waits for the training loop in vain, and kills it.
            Alive = false;
            return;
        }

        if (State is TrainerState.Starting or TrainerState.Exited) return;
        State = TrainerState.Waiting;
        LostPeer = null;
        Parked = null;
        Pending = null;
    }

    public void Hand(HostDirective directive)
    {
        Handed = directive;
        State = TrainerState.Loading;
    }

    public void Load()
    {
        State = TrainerState.Training;
        Epoch = Handed!.Version.Epoch;
        Iteration = Captured = Committed = Handed.Restore?.Iteration ?? default;
        Ring = Handed.RingEndpoints;
    }

    public TrainerReport Report(int localIndex, bool awaited) => new()
    {
        LocalIndex = localIndex,
        State = awaited ? TrainerState.Awaited : State,
        ProcessId = ProcessId,
        Epoch = awaited ? default : Epoch,
        Iteration = awaited ? default : Iteration,
        Captured = Captured,
        IterationMilliseconds = FakeCluster.TickMilliseconds,
        RingEndpoint = State is TrainerState.Starting or TrainerState.Exited || awaited ? "" : RingEndpoint,
        ShardBytes = Rank is { } rank ? ShardBytes(rank) : 0,
        LostPeer = LostPeer,
        Liveness = Liveness,
        TotalIterations = total.Value,
        FailedAtUnixMilliseconds = FailedAt,
        PauseReason = Pause.Reason,
        PauseLimitMilliseconds = Pause.LimitMilliseconds,
        PauseNumber = PauseNumber,
    };

    public static long ShardBytes(Rank rank) => 1000 + rank.Value;

    /// <summary>Training is deterministic: the same iteration has the same bytes in every epoch.</summary>
    public static ContentHash HashOf(Rank rank, Iteration iteration) => new((((ulong)iteration.Value + 1) << 16) + (ulong)rank.Value);
}
