using Gemini.Silo.Status;

namespace Gemini.Silo.Lab.Demo;

/// <summary>One failure and the recovery from it.</summary>
/// <param name="Kind">"software" or "hardware".</param>
/// <param name="Host">The host that failed.</param>
/// <param name="AtIteration">The iteration that was running.</param>
/// <param name="LostIterations">Finished iterations that had to be repeated.</param>
/// <param name="ResumedIteration">The snapshot from which the job continued; 0: the beginning.</param>
/// <param name="Source">The farthest place from which a shard came: "local", "peer", "storage"; "none": from the beginning.</param>
/// <param name="PhasesMs">Its phases; they add up to <paramref name="TotalMs"/>.</param>
/// <param name="TotalMs">From the failure to the end of the first iteration after it.</param>
internal sealed record ReportedFailure(
    string Kind, string Host, long AtIteration, long LostIterations, long ResumedIteration, string Source, RecoveryPhases PhasesMs, long TotalMs);
