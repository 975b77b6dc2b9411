using System.Collections.Immutable;

namespace Gemini.Silo.Status;

/// <summary>One rank's shard of the committed snapshot.</summary>
internal sealed record StatusShard
{
    public required int Rank { get; init; }

    /// <summary>The host on which the rank trains; null while its position is vacant.</summary>
    public required string? Host { get; init; }

    public required string Hash { get; init; }

    public required long PayloadBytes { get; init; }

    public required int CopiesWanted { get; init; }

    /// <summary>The copy on the rank's own host comes first.</summary>
    public required ImmutableArray<StatusCopy> Copies { get; init; }

    /// <summary>The hosts that should hold a copy but do not.</summary>
    public required ImmutableArray<string> Missing { get; init; }
}
