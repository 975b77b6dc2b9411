namespace Gemini.Silo.Lab.Chaos;

/// <summary>One kill of a soak and its outcome. Times in milliseconds.</summary>
/// <param name="Number">From 1.</param>
/// <param name="What">"trainer", "silo", "host", "pair".</param>
/// <param name="Hosts">The hosts that were hit.</param>
/// <param name="Phase">The job's phase in the last status before the kill.</param>
/// <param name="Iteration">The newest iteration finished by all ranks.</param>
/// <param name="Outcome">"recovered", "undisturbed" (no recovery was needed), "refused" (rightly), or "failed".</param>
/// <param name="RecoveryMs">From the kill to the first new iteration; null if there was no recovery.</param>
/// <param name="Source">"local", "peer", "storage", or "" if there was no recovery.</param>
/// <param name="LostIterations">Finished iterations that had to be repeated.</param>
internal sealed record ChaosFailure(
    int Number, string What, string Hosts, string Phase, long Iteration, string Outcome = "", long? RecoveryMs = null, string Source = "",
    long LostIterations = 0);
