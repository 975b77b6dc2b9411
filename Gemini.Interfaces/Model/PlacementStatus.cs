using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>How well the placement protects the job: the remaining risk, and problems with the locations of the hosts.</summary>
[GenerateSerializer, Immutable, Alias("gemini.PlacementStatus")]
public sealed record PlacementStatus
{
    /// <summary>The chance to recover from host memory: for 1, 2, ... hosts lost together, then for domains by label.</summary>
    [Id(0)] public ImmutableArray<RiskRow> Risk { get; init; } = [];

    /// <summary>What an operator should know about the placement, one line each: a single copy, or copies in the same domain and why.</summary>
    [Id(1)] public ImmutableArray<string> Warnings { get; init; } = [];
}
