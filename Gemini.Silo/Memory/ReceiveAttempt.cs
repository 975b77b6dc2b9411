using Gemini.Interfaces.Model;

namespace Gemini.Silo.Memory;

/// <summary>The answer to a <see cref="ReceiveRequest"/>.</summary>
/// <param name="Lease">A lease of the slot to write; null if refused. Ownership: the caller disposes.</param>
/// <param name="Refusal">Why not.</param>
/// <param name="Hash">The hash of the copy that is here, if the refusal is <see cref="ReceiveRefusal.AlreadyHeld"/>.</param>
internal readonly record struct ReceiveAttempt(ReceiveLease? Lease, ReceiveRefusal Refusal, ContentHash Hash = default)
{
    internal static ReceiveAttempt Refused(ReceiveRefusal refusal) => new(null, refusal);
}
