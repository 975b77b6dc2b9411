using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>How captures and commits of a training job stand, for <see cref="CommitWatch"/>.</summary>
internal readonly record struct CommitPace
{
    public required Epoch Epoch { get; init; }

    /// <summary>
    /// Whether a captured snapshot should be committed before long: the job trains, makes steps, and no host is without a silo. Not while the last
    /// snapshot is waited for: it has a limit of its own, and there is none after it.
    /// </summary>
    public required bool IsExpected { get; init; }

    public required Iteration Committed { get; init; }

    /// <summary>The least of the newest captures of all ranks.</summary>
    public required Iteration OldestCapture { get; init; }

    /// <summary>The greatest of them.</summary>
    public required Iteration NewestCapture { get; init; }

    /// <summary>The median iteration; 0 while it is not known.</summary>
    public required double IterationMilliseconds { get; init; }

    /// <summary>What the host with the most of it has to send to others for one snapshot, in bytes.</summary>
    public required long BytesToSend { get; init; }
}
