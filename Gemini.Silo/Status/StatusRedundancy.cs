namespace Gemini.Silo.Status;

/// <summary>How many losses the job can stand now, and how long it could stand none.</summary>
internal sealed record StatusRedundancy
{
    /// <summary>Live copies, on different hosts, of the shard that has the fewest; 0: no snapshot is whole in host memory.</summary>
    public required int LeastCopies { get; init; }

    /// <summary>One more lost host may cost what is in memory.</summary>
    public required bool Exposed { get; init; }

    /// <summary>Null while it is not exposed.</summary>
    public required long? ExposedSinceUnixMs { get; init; }

    /// <summary>All exposed intervals of the job's life together.</summary>
    public required long ExposedMs { get; init; }

    public required long LongestExposedMs { get; init; }
}
