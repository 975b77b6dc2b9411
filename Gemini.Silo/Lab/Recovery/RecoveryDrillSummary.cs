using System.Collections.Immutable;
using Gemini.Silo.Lab.Demo;

namespace Gemini.Silo.Lab.Recovery;

/// <summary>Numbers over all failures of one kind: of every phase, and of the total.</summary>
/// <param name="Count">How many there were.</param>
/// <param name="Phases">The spread of each phase, in the order of the recovery.</param>
/// <param name="Total">From the kill to the end of the first iteration after it.</param>
/// <param name="LostIterationsMax">The largest number of finished iterations that one failure made the job repeat.</param>
internal sealed record RecoveryDrillSummary(int Count, ImmutableArray<PhaseSpread> Phases, PhaseSpread Total, long LostIterationsMax)
{
    public static RecoveryDrillSummary Of(IReadOnlyCollection<ReportedFailure> failures) => new(
        failures.Count,
        [
            .. failures.SelectMany(failure => failure.PhasesMs.All).GroupBy(phase => phase.Name)
                .Select(phase => PhaseSpread.Of(phase.Key, [.. phase.Select(entry => entry.Milliseconds)])),
        ],
        PhaseSpread.Of("total", [.. failures.Select(failure => failure.TotalMs)]),
        failures.Select(failure => failure.LostIterations).DefaultIfEmpty(0).Max());
}
