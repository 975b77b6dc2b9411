namespace Gemini.Silo.Status;

/// <summary>How one rank got its state.</summary>
internal sealed record StatusRestore
{
    public required int Rank { get; init; }

    /// <summary>none (from the beginning), local, peer or storage.</summary>
    public required string Source { get; init; }

    /// <summary>The peer; null for every other source.</summary>
    public required string? From { get; init; }

    public required long Bytes { get; init; }

    public required double FetchMs { get; init; }

    /// <summary>10^9 bytes a second; null if nothing was read.</summary>
    public required double? GigabytesPerSecond { get; init; }

    public required double LoadMs { get; init; }
}
