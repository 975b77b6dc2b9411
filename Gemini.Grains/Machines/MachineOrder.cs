using Gemini.Interfaces.Model;

namespace Gemini.Grains.Machines;

/// <summary>One attempt to get a machine.</summary>
/// <param name="Job">The job's name.</param>
/// <param name="Host">The host that is missing.</param>
/// <param name="Reason">What the machine is wanted for; for people.</param>
/// <param name="Attempt">Counts the attempts for this host since it went missing, from 1.</param>
/// <param name="MissingFor">How long the host has been missing: a machine that is older than this is lost, a younger one is new.</param>
/// <param name="Limit">How long the operator may take.</param>
public sealed record MachineOrder(string Job, HostName Host, string Reason, int Attempt, TimeSpan MissingFor, TimeSpan Limit);
