namespace Gemini.Silo.Status;

/// <summary>The job's progress. Iterations count from 1; 0 is none, and null is not known.</summary>
internal sealed record StatusIterations
{
    /// <summary>The newest iteration that every rank is known to have finished.</summary>
    public required long? Trained { get; init; }

    /// <summary>The newest iteration whose shards are all known to be captured.</summary>
    public required long? Captured { get; init; }

    public required long? Committed { get; init; }

    /// <summary>The epoch in which the committed snapshot was captured; null while it is not known.</summary>
    public required long? CommittedEpoch { get; init; }

    /// <summary>Null in a job without persistent storage.</summary>
    public required long? Persisted { get; init; }

    /// <summary>How many iterations the committed one is behind the newest that any rank has finished, now; null while that is not known.</summary>
    public required long? CommittedLag { get; init; }

    /// <summary>A greater lag makes the job degraded.</summary>
    public required long CommittedLagAllowed { get; init; }

    /// <summary>The greatest lag in the root agent's life.</summary>
    public required long CommittedLagMax { get; init; }

    /// <summary>How long nothing was committed while the job trained; 0 while it does not train.</summary>
    public required long CommitSilenceMs { get; init; }

    /// <summary>How many iterations the slowest rank is behind the fastest.</summary>
    public required long RanksApart { get; init; }

    public required double IterationMsMedian { get; init; }

    /// <summary>How many iterations the trainers intend to run; 0 if they do not say.</summary>
    public required long Total { get; init; }
}
