namespace Gemini.Interfaces.Model;

/// <summary>The root agent's word that a host may leave. A host that was told to stop leaves; another one only if its configuration says so.</summary>
/// <param name="Cause">Why it may.</param>
/// <param name="Reason">The same for people, with snapshot and problem.</param>
[GenerateSerializer, Immutable, Alias("gemini.LeaveDirective")]
public sealed record LeaveDirective([property: Id(0)] LeaveCause Cause, [property: Id(1)] string Reason);
