using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Grains;

/// <summary>Everything that one checkpoint group knows.</summary>
/// <param name="Group">The group's index.</param>
/// <param name="Epoch">The epoch in which the holders announced the entries. Announcements of earlier epochs are deleted.</param>
/// <param name="Entries">For each shard of each snapshot the positions that hold it.</param>
[GenerateSerializer, Immutable, Alias("gemini.GroupLedger")]
public sealed record GroupLedger(int Group, Epoch Epoch, ImmutableArray<LedgerEntry> Entries);
