namespace Gemini.Silo.Status;

/// <summary>One copy in one live host's memory.</summary>
internal sealed record StatusCopy
{
    public required string Host { get; init; }

    /// <summary>Where it stands, such as "rack=r7"; empty without labels.</summary>
    public required string Domain { get; init; }

    public required bool Own { get; init; }
}
