using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>What a halted job can resume from.</summary>
/// <param name="Plan">What to resume from; null: nothing can be restored, or not yet.</param>
/// <param name="Reason">For people.</param>
/// <param name="Missing">Without a plan: the missing shards, if they are the cause.</param>
/// <param name="IsWaiting">Without a plan: there may be a plan soon.</param>
internal sealed record PlanChoice(RecoveryPlan? Plan, string Reason, MissingShards? Missing = null, bool IsWaiting = false)
{
    public static PlanChoice Wait(string reason) => new(null, reason, IsWaiting: true);
}
