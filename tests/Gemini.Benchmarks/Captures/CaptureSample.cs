using System.Collections.Immutable;

namespace Gemini.Benchmarks.Captures;

/// <summary>What one trainer process measured. Rates are in GB/s.</summary>
/// <param name="Saves">The rate of each capture, hashes included, in their order.</param>
/// <param name="Copies">The rate of copying the same bytes between the same memory, by one thread; before each save but the first.</param>
/// <param name="CopiesByTwo">The same by two threads.</param>
/// <param name="HeldMilliseconds">For how long each save held the training thread.</param>
/// <param name="CpuSecondsPerGigabyte">Processor time of all captures.</param>
internal sealed record CaptureSample(
    ImmutableArray<double> Saves, ImmutableArray<double> Copies, ImmutableArray<double> CopiesByTwo, ImmutableArray<double> HeldMilliseconds,
    double CpuSecondsPerGigabyte);
