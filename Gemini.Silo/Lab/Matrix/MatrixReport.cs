using System.Collections.Immutable;

namespace Gemini.Silo.Lab.Matrix;

/// <summary>What <c>gemini drill matrix --report</c> writes.</summary>
/// <param name="Seed">Chose among equal hosts, and of the training.</param>
/// <param name="Model">What was trained.</param>
/// <param name="Redis">Which server kept the records.</param>
/// <param name="Seconds">The whole matrix.</param>
/// <param name="Cases">How many were done.</param>
/// <param name="Passed">How many ended as they had to.</param>
/// <param name="Results">Each.</param>
internal sealed record MatrixReport(long Seed, string Model, string Redis, long Seconds, int Cases, int Passed, ImmutableArray<DrillResult> Results);
