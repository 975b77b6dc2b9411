using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>
/// The host's trainers. This port keeps their processes alive, and reports what is known of each. It decides nothing about the job. When a trainer
/// calls the worker agent, the agent tells this port what it learned (the <c>Mark</c> members). All members are thread-safe.
/// </summary>
public interface ITrainers
{
    /// <summary>A report, the problem or the warning has changed. Any thread, under no lock.</summary>
    event Action? Changed;

    /// <summary>A trainer began to capture a snapshot of its rank's shard. Any thread, under no lock.</summary>
    event Action<Rank, SnapshotId>? Capturing;

    /// <summary>By local index.</summary>
    ImmutableArray<TrainerReport> Reports { get; }

    /// <summary>Why a trainer does not start, and how to fix that; null if nothing is wrong.</summary>
    string? Problem { get; }

    /// <summary>What keeps a trainer from starting although nothing is wrong with the trainer; null if nothing does.</summary>
    string? Warning { get; }

    /// <summary>
    /// The host's position in the job; null for a standby. The position decides the trainers' ranks. A trainer that joined with another rank is told
    /// to exit, and a new one takes its place.
    /// </summary>
    void SetPosition(HostPosition? position);

    /// <summary>Process id of the trainer that has this rank now; 0 when no process of this host has it.</summary>
    int ProcessIdOf(Rank rank);

    /// <summary>
    /// This silo started when the epoch already ran. Trainers that are in the epoch continue. Others are told to stop when they say hello.
    /// </summary>
    void AdoptEpoch(Epoch epoch);

    /// <summary>
    /// Ends every epoch before the given one on this host. When the task completes, no trainer captures for those epochs any more. A trainer that did
    /// not confirm this in time has been killed.
    /// </summary>
    Task StopEpochAsync(Epoch epoch);

    /// <summary>The job is finished: trainers exit, and none is started until a later epoch begins.</summary>
    void Rest(Epoch epoch);

    /// <summary>Every shard of this iteration has its replicas. Also told to a trainer that connects later.</summary>
    void PushCommitted(Epoch epoch, Iteration iteration);

    /// <summary>This iteration will never be committed. Also told to a trainer that connects later.</summary>
    void PushAbandoned(Epoch epoch, Iteration iteration);

    /// <summary>A snapshot of this iteration and epoch is complete in persistent storage. Also told to a trainer that connects later.</summary>
    void PushPersisted(Epoch epoch, Iteration iteration);

    /// <summary>A trainer was told its rank, which it keeps for its life.</summary>
    void MarkJoined(Rank rank);

    /// <summary>The trainer declared the size of its shard.</summary>
    void MarkDeclared(Rank rank, long payloadBytes);

    /// <summary>The trainer asks for a restore point, so its training loop has returned.</summary>
    void MarkAsking(Rank rank);

    /// <summary>The trainer was given the restore point of this epoch.</summary>
    void MarkLoading(Rank rank, Epoch epoch);

    /// <summary>The trainer holds the state of this iteration and iterates in this epoch.</summary>
    void MarkLoaded(Rank rank, Epoch epoch, Iteration iteration);

    /// <summary>The trainer sealed its shard of this iteration in host memory.</summary>
    void MarkCaptured(Rank rank, Iteration iteration);

    /// <summary>The trainer skipped a save.</summary>
    void MarkSkipped(Rank rank);

    /// <summary>Makes the socket that serves trainers again, if somebody deleted it.</summary>
    void EnsureSocket();
}
