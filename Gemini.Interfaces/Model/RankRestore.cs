namespace Gemini.Interfaces.Model;

/// <summary>From where one rank got its state at the start of an epoch, as its host measured it.</summary>
[GenerateSerializer, Immutable, Alias("gemini.RankRestore")]
public sealed record RankRestore
{
    [Id(0)] public required Rank Rank { get; init; }

    [Id(1)] public required Epoch Epoch { get; init; }

    /// <summary><see cref="CopySource.None"/>: the rank started from the beginning.</summary>
    [Id(2)] public required CopySource Source { get; init; }

    /// <summary>The peer, when <see cref="Source"/> is <see cref="CopySource.Peer"/>.</summary>
    [Id(3)] public HostName? From { get; init; }

    /// <summary>Payload of the copy in bytes, whether it was in the host's memory already or was fetched; 0 at a fresh start.</summary>
    [Id(4)] public long Bytes { get; init; }

    /// <summary>From the first source tried until the copy was on this host and verified, in milliseconds.</summary>
    [Id(5)] public double FetchMilliseconds { get; init; }

    /// <summary>From handing the restore point to the trainer until the trainer had loaded the state, in milliseconds; 0 until then.</summary>
    [Id(6)] public double LoadMilliseconds { get; init; }
}
