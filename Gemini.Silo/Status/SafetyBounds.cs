namespace Gemini.Silo.Status;

/// <summary>How far commits may be behind training in a safe job.</summary>
internal sealed record SafetyBounds
{
    /// <summary>
    /// In iterations. Range: from 1. Default: 3, the usual lag of saves and commits in a healthy job (docs/assumptions.md, "How much is repeated"). A
    /// job that does not save every iteration may always be twice its save interval behind.
    /// </summary>
    public int Iterations { get; init; } = 3;

    /// <summary>
    /// In seconds of training, by the median iteration; the greater bound counts. Range: from 0. Default: 10, because in a job of short iterations a
    /// busy moment lasts many iterations.
    /// </summary>
    public int Seconds { get; init; } = 10;
}
