using System.Collections.Immutable;

namespace Gemini.Benchmarks.Overhead;

/// <summary>What <c>overhead --json</c> writes.</summary>
/// <param name="Commit">What was measured.</param>
/// <param name="Machine">Where it was measured.</param>
/// <param name="Hosts">Hosts that trained, all on this machine.</param>
/// <param name="Model">What they trained, or what their emulated model has the size of.</param>
/// <param name="Scale">By how much the published times were divided.</param>
/// <param name="Repetitions">How often each case was run.</param>
/// <param name="Iterations">Measured iterations of each run.</param>
/// <param name="Rows">The figures.</param>
internal sealed record OverheadReport(
    string Commit, Machine Machine, int Hosts, string Model, double Scale, int Repetitions, int Iterations, ImmutableArray<BenchmarkRow> Rows);
