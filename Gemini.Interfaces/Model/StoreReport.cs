using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>What a host sees in persistent storage.</summary>
[GenerateSerializer, Immutable, Alias("gemini.StoreReport")]
public sealed record StoreReport
{
    /// <summary>The newest epoch in which the host looked at the store. A report from an earlier epoch says nothing about the present content.</summary>
    [Id(0)] public Epoch LookedIn { get; init; }

    /// <summary>
    /// Complete snapshots of this job, newest first: those with a sound manifest and all its files, except those that failed when this host read
    /// them. Filled while the job halts, because a plan may need it then.
    /// </summary>
    [Id(1)] public ImmutableArray<StoredSnapshot> Complete { get; init; } = [];

    /// <summary>What is wrong with the store or with snapshots in it; null if nothing is wrong.</summary>
    [Id(2)] public string? Problem { get; init; }
}
