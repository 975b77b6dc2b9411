namespace Gemini.Silo.Status;

/// <summary>One copy in one present host's memory.</summary>
internal sealed record StatusCopy
{
    public required string Host { get; init; }

    /// <summary>The host's domain, such as "rack=r7"; empty without labels.</summary>
    public required string Domain { get; init; }

    public required bool Own { get; init; }
}
