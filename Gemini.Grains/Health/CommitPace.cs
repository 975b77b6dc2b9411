using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>How far captures and commits of a training job are, for <see cref="CommitWatch"/>.</summary>
internal readonly record struct CommitPace
{
    public required Epoch Epoch { get; init; }

    /// <summary>
    /// Whether a captured snapshot should be committed soon: the job trains and makes steps, and every position has a present host. False if
    /// a recovery does not use host memory, and while the job waits for its last snapshot: that wait has its own limit, and no snapshot follows.
    /// </summary>
    public required bool IsExpected { get; init; }

    public required Iteration Committed { get; init; }

    /// <summary>The oldest of all ranks' newest captures.</summary>
    public required Iteration OldestCapture { get; init; }

    /// <summary>The newest of all ranks' newest captures.</summary>
    public required Iteration NewestCapture { get; init; }

    /// <summary>Duration of the median iteration; 0 while it is not known.</summary>
    public required double IterationMilliseconds { get; init; }

    /// <summary>Bytes that one host has to send to other hosts for one snapshot, computed with the largest shard.</summary>
    public required long BytesToSend { get; init; }
}
