namespace Gemini.Interfaces.Model;

/// <summary>How one rank came by its state at the start of an epoch, as its host measured it.</summary>
[GenerateSerializer, Immutable, Alias("gemini.RankRestore")]
public sealed record RankRestore
{
    [Id(0)] public required Rank Rank { get; init; }

    [Id(1)] public required Epoch Epoch { get; init; }

    /// <summary><see cref="CopySource.None"/>: it started from the beginning.</summary>
    [Id(2)] public required CopySource Source { get; init; }

    /// <summary>The peer, when <see cref="Source"/> is <see cref="CopySource.Peer"/>.</summary>
    [Id(3)] public HostName? From { get; init; }

    /// <summary>Payload of the copy in bytes, whether it was read in own memory or brought here; 0 at a fresh start.</summary>
    [Id(4)] public long Bytes { get; init; }

    /// <summary>From the first source tried until the copy was here and verified, in milliseconds.</summary>
    [Id(5)] public double FetchMilliseconds { get; init; }

    /// <summary>From the restore point handed to the trainer until it held the state, in milliseconds; 0 until then.</summary>
    [Id(6)] public double LoadMilliseconds { get; init; }
}
