namespace Gemini.Interfaces.Model;

/// <summary>How a host's replicas share the training network with training, as the host has learnt it from the newest iterations.</summary>
/// <param name="IterationMilliseconds">Mean time of an iteration. Above 0.</param>
/// <param name="IdleMilliseconds">How much idle time of an iteration replicas may use.</param>
/// <param name="NeededMilliseconds">How long the replicas of one checkpoint use the network. 0: not known yet.</param>
/// <param name="Interval">n: every n-th iteration can be committed with that. 1: every iteration.</param>
/// <param name="Cost">
/// By which share replicas make an iteration longer: 0.004 is 0.4 %. Below 0 if other causes are greater. Null until enough iterations without replicas
/// were seen (<see cref="JobSpec.BaselineInterval"/>).
/// </param>
/// <param name="Throttle">
/// How far the host holds replicas back because they cost more than is tolerated. 0: not at all; each step halves the idle time that they use, the
/// last steps also their rate.
/// </param>
[GenerateSerializer, Immutable, Alias("gemini.TrafficReport")]
public sealed record TrafficReport(
    double IterationMilliseconds, double IdleMilliseconds, double NeededMilliseconds, int Interval, double? Cost, int Throttle);
