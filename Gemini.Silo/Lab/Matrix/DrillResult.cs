namespace Gemini.Silo.Lab.Matrix;

/// <summary>The outcome of one case. Times in milliseconds.</summary>
/// <param name="Shape">"N,m".</param>
/// <param name="What">The target's name.</param>
/// <param name="When">The time's name.</param>
/// <param name="Storage">Whether the job had storage.</param>
/// <param name="Passed">Whether the case ended as it had to.</param>
/// <param name="Expected">How the case had to end.</param>
/// <param name="Victims">The hosts that were hit; the first failure before them is in brackets.</param>
/// <param name="KilledAtIteration">The newest iteration known to be committed at the kill.</param>
/// <param name="ResumedIteration">From where the job continued; null if it was not interrupted or did not continue.</param>
/// <param name="Source">"local", "peer", "storage", or "" if there was no recovery.</param>
/// <param name="RecoveryMs">From the kill to the first finished iteration; null if there was no recovery.</param>
/// <param name="ComparedCommits">Commits after the kill whose hashes were those of the uninterrupted run.</param>
/// <param name="CaseMs">The whole case, until everything was back.</param>
/// <param name="Problem">Why the case failed, or the refusal; "" otherwise.</param>
internal sealed record DrillResult(
    string Shape, string What, string When, bool Storage, bool Passed, string Expected, string Victims, long KilledAtIteration, long? ResumedIteration,
    string Source, long? RecoveryMs, int ComparedCommits, long CaseMs, string Problem);
