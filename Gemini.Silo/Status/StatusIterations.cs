namespace Gemini.Silo.Status;

/// <summary>How far the job is. Iterations count from 1; 0 is none.</summary>
internal sealed record StatusIterations
{
    public required long Trained { get; init; }

    public required long Captured { get; init; }

    public required long Committed { get; init; }

    /// <summary>The epoch in which the committed snapshot was captured; null while it is not known.</summary>
    public required long? CommittedEpoch { get; init; }

    /// <summary>Null in a job without persistent storage.</summary>
    public required long? Persisted { get; init; }

    public required long CommittedLagMax { get; init; }

    public required double IterationMsMedian { get; init; }

    /// <summary>How many the trainers mean to run; 0 when they do not say.</summary>
    public required long Total { get; init; }
}
