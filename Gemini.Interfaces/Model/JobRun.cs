namespace Gemini.Interfaces.Model;

/// <summary>
/// One life of a job: from a first start until the job is started from the beginning again. Every segment has the run in its header, so that copies
/// of two jobs that used the same name one after the other are never mixed.
/// </summary>
/// <param name="Id">Made at the first start. A later run has a greater id, as far as the clocks of the hosts agree. Empty: the run is not known.</param>
/// <param name="WorldSize">Number of ranks of the job.</param>
[GenerateSerializer, Immutable, Alias("gemini.JobRun")]
public readonly record struct JobRun(Guid Id, int WorldSize) : IComparable<JobRun>
{
    /// <summary>Whether the run is not known.</summary>
    public bool IsUnknown => Id == Guid.Empty;

    /// <summary>A run that begins now.</summary>
    public static JobRun Begin(JobSpec job, DateTimeOffset now) => new(Guid.CreateVersion7(now), job.WorldSize);

    /// <summary>Sorts runs by their start, the later run last.</summary>
    public int CompareTo(JobRun other) => Id.CompareTo(other.Id);

    public override string ToString() => IsUnknown ? "unknown" : Id.ToString("N");
}
