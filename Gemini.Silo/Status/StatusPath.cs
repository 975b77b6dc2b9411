namespace Gemini.Silo.Status;

/// <summary>How the path to a holder treats background traffic, measured before the job began to train.</summary>
internal sealed record StatusPath
{
    public required string Holder { get; init; }

    public required long BytesPerSecond { get; init; }

    /// <summary>How much longer a burst of training takes beside background traffic.</summary>
    public required double Inflation { get; init; }

    /// <summary>Whether the path has a lower class for background traffic.</summary>
    public required bool Classed { get; init; }
}
