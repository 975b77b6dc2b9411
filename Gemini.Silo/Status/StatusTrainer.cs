namespace Gemini.Silo.Status;

/// <summary>One trainer of a host.</summary>
internal sealed record StatusTrainer
{
    /// <summary>Null while the host has no position.</summary>
    public required int? Rank { get; init; }

    public required string State { get; init; }

    public required int ProcessId { get; init; }

    public required long Iteration { get; init; }

    /// <summary>Null before the first iteration.</summary>
    public required double? Loss { get; init; }

    /// <summary>How many of its saves were skipped or failed.</summary>
    public required long SkippedSaves { get; init; }

    /// <summary>Why the newest save was skipped or failed; null if it worked.</summary>
    public required string? SaveProblem { get; init; }
}
