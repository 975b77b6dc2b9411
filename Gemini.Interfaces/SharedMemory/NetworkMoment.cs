namespace Gemini.Interfaces.SharedMemory;

/// <summary>How a trainer uses the training network at this moment, within the iteration that runs.</summary>
/// <param name="Iteration">The number of the iteration, counted from 0, interruptions included.</param>
/// <param name="IsBusy">Whether the trainer uses the network.</param>
/// <param name="Span">Index of the iteration's newest idle span: the one that runs, or the one before the network became busy. −1: none yet.</param>
/// <param name="SinceNanoseconds">
/// When the network became busy or idle, or when the iteration began, whichever is later. Nanoseconds of the monotonic clock.
/// </param>
public readonly record struct NetworkMoment(long Iteration, bool IsBusy, int Span, long SinceNanoseconds);
