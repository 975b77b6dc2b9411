using System.Collections.Immutable;

namespace Gemini.Silo.Lab.Matrix;

/// <summary>What <c>gemini drill matrix --report</c> writes.</summary>
/// <param name="Seed">The seed of the choice among equal hosts, and of the training.</param>
/// <param name="Model">What was trained.</param>
/// <param name="Mode">What the job did with its checkpoints.</param>
/// <param name="Redis">The server that kept the records.</param>
/// <param name="Seconds">Duration of the whole matrix.</param>
/// <param name="Cases">How many cases were run.</param>
/// <param name="Passed">How many cases ended as they had to.</param>
/// <param name="Results">One entry for each case.</param>
internal sealed record MatrixReport(
    long Seed, string Model, string Mode, string Redis, long Seconds, int Cases, int Passed, ImmutableArray<DrillResult> Results);
