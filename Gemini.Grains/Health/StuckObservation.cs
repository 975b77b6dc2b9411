using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>One rank of a job that makes no step.</summary>
/// <param name="Rank">The rank.</param>
/// <param name="Host">Its host.</param>
/// <param name="Iteration">The newest iteration that it is known to have finished.</param>
/// <param name="Answer">What it answered; <see cref="ProbeAnswer.Alive"/> if it cannot be asked.</param>
internal readonly record struct StuckObservation(Rank Rank, HostName Host, Iteration Iteration, ProbeAnswer Answer);
