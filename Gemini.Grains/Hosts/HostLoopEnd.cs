namespace Gemini.Grains.Hosts;

/// <summary>Why a host cannot continue.</summary>
/// <param name="Reason">For people: what ended and why.</param>
/// <param name="IsRefusal">
/// The root agent refuses this host. It would refuse the same start again, so this counts like a failed check before the start. False: the host failed.
/// </param>
public sealed record HostLoopEnd(string Reason, bool IsRefusal);
