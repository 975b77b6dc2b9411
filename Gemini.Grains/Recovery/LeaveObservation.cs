using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>The facts that decide whether a host may leave, at one moment.</summary>
public readonly record struct LeaveObservation
{
    public required JobPhase Phase { get; init; }

    /// <summary>Why the job is in this phase.</summary>
    public required string Reason { get; init; }

    /// <summary>How long the job has been failed, in milliseconds; 0 while it is not.</summary>
    public long FailedMilliseconds { get; init; }

    /// <summary>Every present host knows that the job is finished.</summary>
    public bool AllKnowOfCompletion { get; init; }

    /// <summary>How long ago the host said that it was told to stop, in milliseconds; null: it did not say so.</summary>
    public long? LeavingMilliseconds { get; init; }

    /// <summary>The host has a position in the job.</summary>
    public bool HasPosition { get; init; }

    /// <summary>A present host with a position was not told to stop.</summary>
    public bool OthersStay { get; init; }

    /// <summary>A position has no present host.</summary>
    public bool IsIncomplete { get; init; }

    /// <summary>The job has persistent storage.</summary>
    public bool HasStorage { get; init; }

    /// <summary>The newest committed snapshot; null before the first commit.</summary>
    public SnapshotId? Committed { get; init; }

    /// <summary><see cref="Committed"/> is in persistent storage.</summary>
    public bool IsPersisted { get; init; }
}
