namespace Gemini.Grains.Recovery;

/// <summary>What a recovery can take from persistent storage.</summary>
/// <param name="Finding">What was found.</param>
/// <param name="Reason">For people.</param>
/// <param name="Plan">With <see cref="StorageFinding.Found"/>; else null.</param>
public sealed record StoragePlan(StorageFinding Finding, string Reason, RecoveryPlan? Plan = null);
