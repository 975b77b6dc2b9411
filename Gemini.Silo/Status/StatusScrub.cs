namespace Gemini.Silo.Status;

/// <summary>What a host's background scrub did since its silo started.</summary>
internal sealed record StatusScrub
{
    public required long Bytes { get; init; }

    public required long RottenChunks { get; init; }

    /// <summary>How many of the rotten chunks were replaced with a peer's bytes.</summary>
    public required long RepairedChunks { get; init; }
}
