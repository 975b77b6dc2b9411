namespace Gemini.Benchmarks.Memories;

/// <summary>What <c>memory</c> was asked to do.</summary>
internal sealed record MemoryOptions
{
    /// <summary>N: hosts that train, without a standby. At least 2.</summary>
    public int Hosts { get; init; } = 2;

    /// <summary>Size of a host's state in MiB.</summary>
    public int StateMebibytes { get; init; } = 16;

    /// <summary>The least time of an iteration.</summary>
    public int PaceMilliseconds { get; init; } = 20;

    /// <summary>Saves and recoveries that are not measured: code is compiled, pools and tables get their size.</summary>
    public int WarmUpSaves { get; init; } = 300;

    public int WarmUpRecoveries { get; init; } = 10;

    /// <summary>Saves between the first and the second look.</summary>
    public int Saves { get; init; } = 1000;

    /// <summary>Recoveries between the second and the third look.</summary>
    public int Recoveries { get; init; } = 100;

    /// <summary>Of how many moments a look takes the least, because a process takes some memory only for a moment.</summary>
    public int Moments { get; init; } = 60;

    /// <summary>Where to keep the hosts' logs; null: nowhere.</summary>
    public string? Logs { get; init; }

    /// <summary>Where to write the figures as JSON; null: nowhere.</summary>
    public string? Json { get; init; }
}
