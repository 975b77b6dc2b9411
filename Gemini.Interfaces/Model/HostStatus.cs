namespace Gemini.Interfaces.Model;

/// <summary>One host in a job's status.</summary>
[GenerateSerializer, Immutable, Alias("gemini.HostStatus")]
public sealed record HostStatus
{
    /// <summary>The newest report. For a lost host: the last report before it was lost.</summary>
    [Id(0)] public required HostReport Report { get; init; }

    /// <summary>The host's position; null for a standby or a host that was replaced.</summary>
    [Id(1)] public HostPosition? Position { get; init; }

    /// <summary>Whether the host is present: its silo is a live member of the cluster.</summary>
    [Id(2)] public required bool Alive { get; init; }

    /// <summary>
    /// For a present host without a position: why it could not take over a position now, such as too little room. Null if it could take one over, and
    /// for a host that has a position.
    /// </summary>
    [Id(41)] public string? CannotTakeOver { get; init; }

    /// <summary>
    /// Bytes of host memory that the host's position needs: segments, and staging files in a job with storage. For a host without a position: what the
    /// largest position needs. 0 while the sizes of the shards are not known.
    /// </summary>
    [Id(42)] public long NeededBytes { get; init; }

    /// <summary>The host's location, such as "rack=r7,power=left", the most important label first; empty without labels.</summary>
    [Id(40)] public string Domain { get; init; } = "";
}
