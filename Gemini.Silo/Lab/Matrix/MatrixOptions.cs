using System.Collections.Immutable;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Matrix;

/// <summary>What <c>gemini drill matrix</c> was asked to do.</summary>
internal sealed record MatrixOptions
{
    public ImmutableArray<DrillShape> Shapes { get; init; } = [.. DrillShape.All];

    public ImmutableArray<DrillTarget> Targets { get; init; } = [.. Enum.GetValues<DrillTarget>()];

    public ImmutableArray<DrillTime> Times { get; init; } = [.. Enum.GetValues<DrillTime>()];

    /// <summary>Whether refusals are left out.</summary>
    public bool OnlyWithStorage { get; init; }

    public DrillOptions Cluster { get; init; } = new();

    /// <summary>Where to write the report; null: nowhere.</summary>
    public string? Report { get; init; }

    public IEnumerable<DrillCase> Cases(bool withStorage) =>
        withStorage || !OnlyWithStorage
            ? Targets.SelectMany(target => Times.Select(time => new DrillCase(target, time, withStorage)))
            : [];
}
