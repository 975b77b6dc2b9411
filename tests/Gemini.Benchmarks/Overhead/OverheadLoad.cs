using Gemini.Benchmarks.Emulation;

namespace Gemini.Benchmarks.Overhead;

/// <summary>What the hosts train.</summary>
/// <param name="Name">In the name of a case.</param>
/// <param name="Source">The published times that are emulated; null: real training on this machine's processors.</param>
/// <param name="IdleOfNeeded">The idle time as a share of what the checkpoint needs; null: as published.</param>
/// <param name="Moves">Whether the idle spans move when the measurement begins.</param>
internal sealed record OverheadLoad(string Name, PublishedModel? Source, double? IdleOfNeeded = null, bool Moves = false)
{
    /// <summary>Every load, by the order in which they are measured.</summary>
    public static IReadOnlyList<OverheadLoad> All { get; } =
    [
        new("emulated", PublishedModel.Gpt2Of40BOnP3dn),
        new("emulated-100b", PublishedModel.Gpt2Of100BOnP4d),
        new("emulated-starved", PublishedModel.Gpt2Of40BOnP3dn, IdleOfNeeded: 1.0 / 3),
        new("emulated-moved", PublishedModel.Gpt2Of40BOnP3dn, Moves: true),
        new("cpu", Source: null),
    ];

    /// <summary>The times that are emulated: the published ones, divided by a number. Null for real training.</summary>
    public PublishedModel? Scaled(double divisor)
    {
        if (Source is null) return null;
        var source = IdleOfNeeded is { } share ? Source.WithIdle(Source.Checkpoint * share) : Source;
        return source.ScaledBy(divisor);
    }
}
