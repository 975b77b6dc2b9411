using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Placement.Plans;

/// <summary>Hosts that keep replicas for each other and for nobody else.</summary>
/// <param name="Index">0 to G-1.</param>
/// <param name="Strategy">Which members hold whose shards.</param>
/// <param name="Members">Positions, ascending; in a ring this is the order around it.</param>
public sealed record PlacementGroup(int Index, GroupStrategy Strategy, ImmutableArray<HostPosition> Members);
