namespace Gemini.Grains.Planning;

/// <summary>What one way to make checkpoints means for a cluster.</summary>
/// <param name="Interval">1/f, between the begins of two checkpoints.</param>
/// <param name="Retrieval">t_rtvl.</param>
/// <param name="Wasted">T_wasted, the training that a failure costs on average (equation 1).</param>
/// <param name="EffectiveTraining">The share of time that trains new iterations, 0 to 1.</param>
public sealed record PolicyPlan(TimeSpan Interval, TimeSpan Retrieval, TimeSpan Wasted, double EffectiveTraining);
