using Gemini.Interfaces.Model;

namespace Gemini.Grains.Machines;

/// <summary>One attempt to get a machine.</summary>
/// <param name="Job">The job's name.</param>
/// <param name="Host">The host that is missing.</param>
/// <param name="Reason">What it is wanted for, for people.</param>
/// <param name="Attempt">From 1, for this host since it is missing.</param>
/// <param name="MissingFor">How long the host has been missing: what is older is lost, what is younger is new.</param>
/// <param name="Limit">How long the operator may take.</param>
public sealed record MachineOrder(string Job, HostName Host, string Reason, int Attempt, TimeSpan MissingFor, TimeSpan Limit);
