namespace Gemini.Silo.Status;

/// <summary>How far commits may be behind training in a job that is called safe.</summary>
internal sealed record SafetyBounds
{
    /// <summary>
    /// In iterations. Range: from 1. Default: 3, which is what saves and commits of a healthy job come to (docs/assumptions.md, "How much is
    /// repeated"). A job that saves less often than every iteration may always be twice that interval behind.
    /// </summary>
    public int Iterations { get; init; } = 3;

    /// <summary>
    /// In seconds of training, by the median iteration; the greater bound counts. Range: from 0. Default: 10: in a job of short
    /// iterations a busy moment is many iterations long.
    /// </summary>
    public int Seconds { get; init; } = 10;
}
