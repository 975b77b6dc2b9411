namespace Gemini.Silo.Status;

/// <summary>A copy that was found bad and is never used again.</summary>
internal sealed record StatusQuarantine
{
    public required string Host { get; init; }

    public required int Rank { get; init; }

    public required long Iteration { get; init; }

    /// <summary>What was found, for people.</summary>
    public required string Reason { get; init; }
}
