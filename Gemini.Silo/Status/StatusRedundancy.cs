namespace Gemini.Silo.Status;

/// <summary>How many losses the job can survive now, and how long it could survive none.</summary>
internal sealed record StatusRedundancy
{
    /// <summary>Live copies, on different hosts, of the shard that has the fewest; 0: no snapshot is whole in host memory.</summary>
    public required int LeastCopies { get; init; }

    /// <summary>Whether one more lost host may cost the snapshot in memory.</summary>
    public required bool Exposed { get; init; }

    /// <summary>Null while the job is not exposed.</summary>
    public required long? ExposedSinceUnixMs { get; init; }

    /// <summary>Sum of all exposed intervals of the job's life.</summary>
    public required long ExposedMs { get; init; }

    public required long LongestExposedMs { get; init; }
}
