using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>What a host sees in persistent storage.</summary>
[GenerateSerializer, Immutable, Alias("gemini.StoreReport")]
public sealed record StoreReport
{
    /// <summary>The newest epoch in which the host looked; what is older says nothing about now.</summary>
    [Id(0)] public Epoch LookedIn { get; init; }

    /// <summary>
    /// Complete snapshots of this job with a sound manifest and all its files, newest first, without those that failed when
    /// this host read them. Filled while the job halts, when a plan may need it.
    /// </summary>
    [Id(1)] public ImmutableArray<StoredSnapshot> Complete { get; init; } = [];

    /// <summary>What is wrong with the store, or with snapshots in it; null when nothing is.</summary>
    [Id(2)] public string? Problem { get; init; }
}
