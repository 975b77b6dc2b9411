namespace Gemini.Grains.Scheduling;

/// <summary>How often a checkpoint is committed if the idle time of an iteration is too short for it.</summary>
public static class CheckpointInterval
{
    /// <summary>
    /// The smallest n for which a checkpoint every n-th iteration makes iterations longer by at most ε on average:
    /// n = ⌈needed / (idle + ε · iteration)⌉, and at least 1. The paper lowers the frequency without a formula (§5.3).
    /// </summary>
    /// <param name="needed">How long the replicas of one checkpoint use the network.</param>
    /// <param name="idle">How much of an iteration's idle time can be used.</param>
    /// <param name="iteration">The time of an iteration without a checkpoint. Above 0.</param>
    /// <param name="tolerance">ε, the share of an iteration that checkpoints may cost, for example 0.01. From 0 to 1.</param>
    public static int Of(TimeSpan needed, TimeSpan idle, TimeSpan iteration, double tolerance)
    {
        var perIteration = idle + (iteration * tolerance);
        if (perIteration <= TimeSpan.Zero) return needed > TimeSpan.Zero ? int.MaxValue : 1;
        return (int)Math.Clamp(Math.Ceiling(needed / perIteration), 1, int.MaxValue);
    }
}
