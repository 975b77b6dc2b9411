namespace Gemini.Interfaces.Model;

/// <summary>
/// Sealed copies on a host that do not belong to the present run of the job. They are kept and never used; a person
/// removes them.
/// </summary>
/// <param name="Run">The run that wrote them; unknown if another version of this program did.</param>
/// <param name="Copies">How many segments there are.</param>
/// <param name="Newest">The newest snapshot in them; zero if it is not known.</param>
/// <param name="FileBytes">Bytes of host memory that they take.</param>
[GenerateSerializer, Immutable, Alias("gemini.LeftoverCopies")]
public sealed record LeftoverCopies(JobRun Run, int Copies, SnapshotId Newest, long FileBytes);
