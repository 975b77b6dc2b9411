using Gemini.Interfaces.Model;

namespace Gemini.Silo.Memory;

/// <summary>The answer to a <see cref="ReceiveRequest"/>.</summary>
/// <param name="Lease">The slot to write; null when refused. Ownership: the caller disposes.</param>
/// <param name="Refusal">Why not.</param>
/// <param name="Hash">What is held, when that is the reason.</param>
internal readonly record struct ReceiveAttempt(ReceiveLease? Lease, ReceiveRefusal Refusal, ContentHash Hash = default)
{
    internal static ReceiveAttempt Refused(ReceiveRefusal refusal) => new(null, refusal);
}
