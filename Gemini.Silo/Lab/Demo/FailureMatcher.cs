using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Status;

namespace Gemini.Silo.Lab.Demo;

/// <summary>
/// Finds the recovery that answers each kill. A second failure can cut a recovery short. The recoveries up to the next one that reached its end are
/// then one chain, and the failure's phases run to the end of the chain. Pure.
/// </summary>
internal static class FailureMatcher
{
    /// <summary>
    /// One entry per kill that made the job recover, and one per recovery that no kill explains, in the order of the failures. A kill
    /// without a recovery (a silo that came back with its memory) has no entry.
    /// </summary>
    public static ImmutableArray<ReportedFailure> Match(IReadOnlyList<KillRecord> kills, IEnumerable<RecoveryTimeline> recoveries)
    {
        var chains = Chains(recoveries);
        var answered = kills.OrderBy(kill => kill.AtUnixMilliseconds).Select(kill => (Kill: kill, Chain: Answer(kill, kills, chains))).ToArray();
        // Match by the victim's name if a recovery names it. Otherwise match by time, if no other kill has the recovery.
        for (var index = 0; index < answered.Length; index++)
        {
            if (answered[index].Chain is null && answered[index].Kill.Spec.Target != KillTarget.Silo)
                answered[index].Chain = chains.FirstOrDefault(chain =>
                    chain[^1].ResumedAt > answered[index].Kill.AtUnixMilliseconds && !answered.Any(other => other.Chain == chain));
        }

        var caused = answered.Where(pair => pair.Chain is not null).Select(pair => (At: pair.Kill.AtUnixMilliseconds, Of(pair.Kill, pair.Chain!)));
        var uncaused = chains.Where(chain => !answered.Any(pair => pair.Chain == chain)).Select(chain => (At: FailedAt(chain), Of(chain)));
        return [.. caused.Concat(uncaused).OrderBy(failure => failure.At).Select(failure => failure.Item2)];
    }

    private static List<List<RecoveryTimeline>> Chains(IEnumerable<RecoveryTimeline> recoveries)
    {
        var chains = new List<List<RecoveryTimeline>>();
        var open = new List<RecoveryTimeline>();
        foreach (var recovery in recoveries.OrderBy(recovery => recovery.Epoch))
        {
            open.Add(recovery);
            if (recovery.ResumedAt == 0) continue;
            chains.Add(open);
            open = [];
        }

        return chains;
    }

    /// <summary>The first chain that ended after the kill and names its victim, unless a later kill of the same host explains it better.</summary>
    private static List<RecoveryTimeline>? Answer(KillRecord kill, IReadOnlyList<KillRecord> kills, List<List<RecoveryTimeline>> chains)
    {
        var chain = chains.FirstOrDefault(chain =>
            chain[^1].ResumedAt > kill.AtUnixMilliseconds && chain.Any(recovery => recovery.Hosts.Contains(kill.Host)));
        var later = chain is not null && kills.Any(other =>
            other.Host == kill.Host && other.AtUnixMilliseconds > kill.AtUnixMilliseconds && other.AtUnixMilliseconds <= chain[0].DetectedAt);
        return later ? null : chain;
    }

    private static ReportedFailure Of(KillRecord kill, List<RecoveryTimeline> chain)
    {
        // A recovery that already ran at a later kill does not belong to that kill. That kill's own recovery is the first one detected after it.
        var own = chain.SkipWhile(recovery => recovery.DetectedAt < kill.AtUnixMilliseconds).DefaultIfEmpty(chain[^1]).First();
        // The launcher's view is late. An iteration that a rank had finished was not the running one.
        var running = Math.Max(kill.AtIteration, own.ReachedIteration.Value + 1);
        return Create(kill.Host, running, kill.AtUnixMilliseconds, own.DetectedAt, chain);
    }

    private static ReportedFailure Of(List<RecoveryTimeline> chain) =>
        Create(chain[0].Hosts.FirstOrDefault(), chain[0].ReachedIteration.Value + 1, FailedAt(chain), chain[0].DetectedAt, chain);

    private static long FailedAt(List<RecoveryTimeline> chain) => chain[0].FailedAt > 0 ? chain[0].FailedAt : chain[0].DetectedAt;

    private static ReportedFailure Create(HostName host, long iteration, long failedAt, long detectedAt, List<RecoveryTimeline> chain)
    {
        var end = chain[^1];
        var phases = RecoveryPhases.Of(failedAt, detectedAt, end);
        var hardware = chain.Any(recovery => recovery.Kind == FailureKind.Hardware);
        var lost = Math.Max(0, chain.Max(recovery => recovery.ReachedIteration.Value) - end.ResumedIteration.Value);
        return new ReportedFailure(
            hardware ? "hardware" : "software", host.Value ?? "", iteration, lost, end.ResumedIteration.Value,
            end.Source.ToString().ToLowerInvariant(), phases, phases.Total);
    }
}
