using System.Collections.Immutable;

namespace Gemini.Benchmarks;

/// <summary>What a command writes with <c>--json</c>.</summary>
/// <param name="Commit">What was measured.</param>
/// <param name="Machine">Where it was measured.</param>
/// <param name="Repetitions">How often each case was run.</param>
/// <param name="Rows">The figures.</param>
internal sealed record BenchmarkReport(string Commit, Machine Machine, int Repetitions, ImmutableArray<BenchmarkRow> Rows);
