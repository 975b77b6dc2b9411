namespace Gemini.Interfaces.Model;

/// <summary>
/// One life of a job: from a first start until the job is begun anew. Every segment has it in its header, so that copies of
/// two jobs that had the same name one after the other are never mixed.
/// </summary>
/// <param name="Id">Made at the first start. A later run has a greater one, as far as the clocks of their hosts agree. Empty: not known.</param>
/// <param name="WorldSize">Number of ranks of the job.</param>
[GenerateSerializer, Immutable, Alias("gemini.JobRun")]
public readonly record struct JobRun(Guid Id, int WorldSize) : IComparable<JobRun>
{
    /// <summary>Whether it is not known which run it is.</summary>
    public bool IsUnknown => Id == Guid.Empty;

    /// <summary>A run that begins now.</summary>
    public static JobRun Begin(JobSpec job, DateTimeOffset now) => new(Guid.CreateVersion7(now), job.WorldSize);

    /// <summary>The run that began later comes after the other.</summary>
    public int CompareTo(JobRun other) => Id.CompareTo(other.Id);

    public override string ToString() => IsUnknown ? "unknown" : Id.ToString("N");
}
