namespace Gemini.Grains.Scheduling;

/// <summary>How often a checkpoint is sent if the idle time of an iteration is too short for it.</summary>
public static class CheckpointInterval
{
    /// <summary>
    /// The smallest n for which a checkpoint every n-th iteration makes the mean iteration longer by at most the tolerance. The paper lowers the
    /// frequency without a formula (§5.3); this one is n = ⌈overrun / (tolerance · iteration)⌉, and at least 1.
    /// </summary>
    /// <param name="overrun">By how much one checkpoint makes its iteration longer.</param>
    /// <param name="iteration">The time of an iteration without a checkpoint. Above 0.</param>
    /// <param name="tolerance">The share of an iteration that checkpoints may cost, for example 0.01. Above 0.</param>
    public static int Of(TimeSpan overrun, TimeSpan iteration, double tolerance) =>
        (int)Math.Clamp(Math.Ceiling(overrun / (iteration * tolerance)), 1, int.MaxValue);
}
