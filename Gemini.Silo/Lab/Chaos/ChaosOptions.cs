using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Chaos;

/// <summary>What <c>gemini demo --chaos</c> was asked to do.</summary>
internal sealed record ChaosOptions
{
    public required DrillShape Shape { get; init; }

    /// <summary>How many kills. At least 1. Default: 100.</summary>
    public int Failures { get; init; } = 100;

    /// <summary>Whether snapshots are persisted. Without storage, the loss of a whole group ends in a refusal, and a new job starts.</summary>
    public bool WithStorage { get; init; }

    public required DrillOptions Cluster { get; init; }

    /// <summary>Where to write the report; null: nowhere.</summary>
    public string? Report { get; init; }
}
