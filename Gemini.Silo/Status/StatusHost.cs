using System.Collections.Immutable;

namespace Gemini.Silo.Status;

/// <summary>One host that the root agent knows.</summary>
internal sealed record StatusHost
{
    public required string Name { get; init; }

    /// <summary>lost, standby, or the state of its first trainer.</summary>
    public required string State { get; init; }

    /// <summary>Null for a standby and for a host that was replaced.</summary>
    public required int? Position { get; init; }

    public required string Domain { get; init; }

    public required long MemoryBytes { get; init; }

    /// <summary>What the host's position needs; without one, what the largest position needs. 0: not known yet.</summary>
    public required long NeededBytes { get; init; }

    /// <summary>The most that segments can take on the host's file system and by its limit; null if the host does not say.</summary>
    public required long? RoomBytes { get; init; }

    /// <summary>Of the silo process; snapshots are not in it.</summary>
    public required long ManagedBytes { get; init; }

    public required int SiloProcessId { get; init; }

    /// <summary>What prevents the host from doing its part; null if nothing does.</summary>
    public required string? Problem { get; init; }

    /// <summary>Why a present host without a position could not take one over; null if it could, or has one.</summary>
    public required string? CannotTakeOver { get; init; }

    /// <summary>Own shards that the host cannot send to another host which should hold them.</summary>
    public required ImmutableArray<StatusLateCopy> LateCopies { get; init; }

    public required StatusScrub Scrub { get; init; }

    public required StatusTransfer Transfer { get; init; }

    /// <summary>The measured paths to the holders of the host's shards.</summary>
    public required ImmutableArray<StatusPath> Paths { get; init; }

    /// <summary>Null in a mode that does not wait for idle spans, and while these are not known.</summary>
    public required StatusTraffic? Traffic { get; init; }

    public required ImmutableArray<StatusTrainer> Trainers { get; init; }
}
