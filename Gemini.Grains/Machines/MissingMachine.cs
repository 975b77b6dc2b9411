using Gemini.Interfaces.Model;

namespace Gemini.Grains.Machines;

/// <summary>A host that the job wants and that is not present.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Reason">What the machine is wanted for.</param>
/// <param name="LostAt">When it was lost, Unix milliseconds; null if nobody saw the loss.</param>
public sealed record MissingMachine(HostName Host, string Reason, long? LostAt);
