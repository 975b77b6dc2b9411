using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>What the placement is worth: the risk that is left, and what is wrong with where the hosts stand.</summary>
[GenerateSerializer, Immutable, Alias("gemini.PlacementStatus")]
public sealed record PlacementStatus
{
    /// <summary>The chance to recover from host memory: for 1, 2, ... hosts lost together, then for domains by label.</summary>
    [Id(0)] public ImmutableArray<RiskRow> Risk { get; init; } = [];

    /// <summary>What an operator should know about the placement, a line each: a single copy, shared domains and why.</summary>
    [Id(1)] public ImmutableArray<string> Warnings { get; init; } = [];
}
