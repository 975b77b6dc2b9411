using Gemini.Grains.Placement.Probability;

namespace Gemini.Grains.Placement.Domains;

/// <summary>The chance to recover from host memory when whole domains are lost together.</summary>
/// <param name="Label">Such as "rack".</param>
/// <param name="DomainCount">D.</param>
/// <param name="LostDomains">j, every j of the D equally likely.</param>
/// <param name="Recovery">The chance, or a lower bound of it.</param>
/// <param name="Method">Whether it is the chance or a lower bound.</param>
public sealed record DomainLoss(string Label, int DomainCount, int LostDomains, ExactProbability Recovery, DomainLossMethod Method);
