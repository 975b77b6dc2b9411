namespace Gemini.Interfaces.Model;

/// <summary>
/// The root agent's message that a host may leave. A host that was told to stop leaves. Any other host leaves only if its configuration says so.
/// </summary>
/// <param name="Cause">Why it may.</param>
/// <param name="Reason">The cause for people, with the snapshot and the problem.</param>
[GenerateSerializer, Immutable, Alias("gemini.LeaveDirective")]
public sealed record LeaveDirective([property: Id(0)] LeaveCause Cause, [property: Id(1)] string Reason);
