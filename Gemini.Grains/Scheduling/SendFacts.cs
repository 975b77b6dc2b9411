using System.Collections.Immutable;

namespace Gemini.Grains.Scheduling;

/// <summary>What a host knows when it asks whether it may send a part of a replica.</summary>
public readonly record struct SendFacts
{
    /// <summary>Whether the host's trainers run an iteration. Otherwise training stands still, or no trainer says when it uses the network.</summary>
    public required bool IsTraining { get; init; }

    /// <summary>Whether a trainer of the host uses the network.</summary>
    public bool IsBusy { get; init; }

    /// <summary>How long the network has been busy or idle without a change.</summary>
    public TimeSpan Unchanged { get; init; }

    /// <summary>Index of the iteration's newest idle span: the one that runs, or the one before the network became busy. −1: none yet.</summary>
    public int Span { get; init; }

    /// <summary>The idle spans of an iteration. Empty until they are known.</summary>
    public ImmutableArray<SpanStatistics> Spans { get; init; }

    /// <summary>Mean time of an iteration. Zero until it is known.</summary>
    public TimeSpan Iteration { get; init; }

    /// <summary>How long the part takes to send.</summary>
    public TimeSpan Length { get; init; }

    /// <summary>How long this replica is being sent already.</summary>
    public TimeSpan Age { get; init; }
}
