using System.Collections.Immutable;
using Gemini.Interfaces;

namespace Gemini.Benchmarks.Overhead;

/// <summary>What one run of one case measured.</summary>
/// <param name="Iterations">The time of each iteration, milliseconds.</param>
/// <param name="Idle">For how long of each iteration rank 0's network was idle, milliseconds.</param>
/// <param name="CommitsPerIteration">1: each iteration was committed.</param>
/// <param name="SettledCommitsPerIteration">The same without the first <see cref="OverheadRun.SettlingIterations"/>; 0 if there were no more.</param>
/// <param name="CommitLag">Median time from the end of an iteration to its commit, milliseconds, as a watcher sees both; 0 without commits.</param>
/// <param name="SiloCpuSeconds">Processor time of one silo for one iteration.</param>
/// <param name="TrainerCpuSeconds">Processor time of one trainer for one iteration.</param>
/// <param name="SentBytes">What one host sent of its replicas in one iteration.</param>
/// <param name="PathInflations">By how much the hosts measured that background traffic slows a burst of training; empty in modes that do not ask.</param>
internal sealed record OverheadSample(
    ImmutableArray<double> Iterations, ImmutableArray<double> Idle, double CommitsPerIteration, double SettledCommitsPerIteration,
    double CommitLag, double SiloCpuSeconds, double TrainerCpuSeconds, double SentBytes, ImmutableArray<double> PathInflations)
{
    public double IterationMedian => Median.Of(Iterations);
}
