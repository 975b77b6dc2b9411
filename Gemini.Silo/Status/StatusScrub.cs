namespace Gemini.Silo.Status;

/// <summary>What a host's background scrub did since its silo started.</summary>
internal sealed record StatusScrub
{
    public required long Bytes { get; init; }

    public required long RottenChunks { get; init; }

    /// <summary>Of the rotten ones, how many a peer's bytes replaced.</summary>
    public required long RepairedChunks { get; init; }
}
