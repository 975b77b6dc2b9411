using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Matrix;

/// <summary>What a case does, and how it has to end.</summary>
/// <param name="First">The failure that starts the recovery; null when the case is not in one.</param>
/// <param name="Kind">What dies of each victim.</param>
/// <param name="Victims">Who is killed at the moment; empty when it is Redis.</param>
/// <param name="Lost">The ranks whose shards have no copy left in host memory, by the placement.</param>
/// <param name="Expected">How it has to end.</param>
internal sealed record DrillPlan(
    (KillTarget Kind, HostName Host)? First, KillTarget Kind, ImmutableArray<HostName> Victims, ImmutableArray<Rank> Lost, DrillEnding Expected);
