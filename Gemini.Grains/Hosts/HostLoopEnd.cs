namespace Gemini.Grains.Hosts;

/// <summary>Why a host cannot go on.</summary>
/// <param name="Reason">For people: what ended and why.</param>
/// <param name="IsRefusal">
/// The root agent refuses this host, as the checks before its start would have done: the same start again is refused again. False: the host failed.
/// </param>
public sealed record HostLoopEnd(string Reason, bool IsRefusal);
