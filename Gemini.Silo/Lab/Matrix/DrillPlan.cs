using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Matrix;

/// <summary>What a case does, and how the case has to end.</summary>
/// <param name="First">The failure that starts the recovery; null if the case is not in a recovery.</param>
/// <param name="Kind">What part of each victim is killed.</param>
/// <param name="Victims">The hosts that are hit at the moment; empty if Redis is killed.</param>
/// <param name="Lost">The ranks whose shards have no copy left in host memory, by the placement.</param>
/// <param name="Expected">How the case has to end.</param>
internal sealed record DrillPlan(
    (KillTarget Kind, HostName Host)? First, KillTarget Kind, ImmutableArray<HostName> Victims, ImmutableArray<Rank> Lost, DrillEnding Expected);
