namespace Gemini.Silo.Status;

/// <summary>A copy that a holder should have but does not, because the copy cannot be sent.</summary>
internal sealed record StatusLateCopy
{
    public required int Rank { get; init; }

    /// <summary>The host that should hold it.</summary>
    public required string Holder { get; init; }

    /// <summary>Why the newest attempt failed, for people.</summary>
    public required string Reason { get; init; }

    /// <summary>When the first attempt failed, by the sending host's clock.</summary>
    public required long SinceUnixMs { get; init; }
}
