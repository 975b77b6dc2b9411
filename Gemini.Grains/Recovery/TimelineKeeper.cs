using System.Collections.Immutable;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// Writes the time lines in the record. Each recovery has one, from the first failure to the first step, however many attempts it takes. Pure.
/// </summary>
internal sealed class TimelineKeeper(JobState state)
{
    /// <summary>The epochs that began since the newest commit.</summary>
    public RecoveryAttempts Attempts { get; } = new(
        state.Record.Recoveries is [.., { ResumedAt: 0 } open] ? open.Attempts : 0,
        state.Health.CulpritAttempts, (long)state.Health.AttemptPauseLimit.TotalMilliseconds);

    /// <summary>The open recovery; null while the job trains, and during a first start.</summary>
    public RecoveryTimeline? Open => state.Record.Recoveries is [.., { ResumedAt: 0 } open] ? open : null;

    /// <summary>
    /// The record shows that this epoch trains: its recovery has ended, or it has no recovery and something was committed. So a new root agent need
    /// not learn this from every trainer. A trainer cannot report it if its silo was lost with the old root agent.
    /// </summary>
    public bool IsResumed => state.Record.Recoveries is [.., var last] ? last.ResumedAt > 0 : state.Record.Committed > Iteration.Zero;

    /// <summary>An epoch begins. If a recovery is open, its time line continues. Returns whether a new time line begins.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="reason">For people.</param>
    /// <param name="failure">The failure; null: the epoch begins for another reason.</param>
    /// <param name="reached">The newest iteration that any rank is known to have finished.</param>
    /// <param name="now">Unix milliseconds.</param>
    public bool Begin(Epoch epoch, string reason, Failure? failure, Iteration reached, long now)
    {
        Invariant.Check(state.Record.Recoveries is not [.., var last] || last.Epoch < epoch, $"a recovery of epoch {epoch} follows a later one");
        if (Open is { } running)
        {
            Amend(_ => RecoveryHistory.WithAttempt(running, reason) with
            {
                Epoch = epoch,
                Kind = failure?.Kind == FailureKind.Hardware ? FailureKind.Hardware : running.Kind,
                Hosts = [.. running.Hosts.Union(failure?.Hosts ?? [])],
                DecidedAt = 0,
                ReplacedAt = 0,
                FetchedAt = 0,
                LoadedAt = 0,
            });
            return false;
        }

        var timeline = new RecoveryTimeline
        {
            Epoch = epoch,
            Reason = reason,
            Kind = failure?.Kind ?? FailureKind.Software,
            Hosts = failure?.Hosts ?? [],
            ReachedIteration = reached,
            FailedAt = failure?.FailedAt ?? now,
            DetectedAt = now,
        };
        state.Record = state.Record with { Recoveries = Bounded([.. state.Record.Recoveries, timeline]) };
        return true;
    }

    /// <summary>Every present host with a position has halted.</summary>
    public void StampDecided(long now)
    {
        CheckStep(DirectiveStep.Halt, "decided");
        if (Open is { DecidedAt: 0 }) Amend(timeline => timeline with { DecidedAt = now });
    }

    /// <summary>There is a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="brought">The furthest source from which a rank's own host took in its shard as a guest, before the plan was made.</param>
    /// <param name="now">Unix milliseconds.</param>
    public void StampPlanned(RecoveryPlan plan, CopySource brought, long now)
    {
        CheckStep(DirectiveStep.Halt, "planned");
        Amend(timeline => timeline with
        {
            ReplacedAt = now,
            ResumedIteration = plan.Restore?.Iteration ?? default,
            Source = Furthest(plan, brought, timeline),
        });
    }

    /// <summary>All copies are verified, and all trainers are connected.</summary>
    public void StampFetched(long now)
    {
        CheckStep(DirectiveStep.Prepare, "fetched");
        Amend(timeline => timeline with { FetchedAt = now });
    }

    /// <summary>Every trainer has loaded.</summary>
    public void StampLoaded(long now)
    {
        CheckStep(DirectiveStep.Run, "loaded");
        if (Open is { LoadedAt: 0 }) Amend(timeline => timeline with { LoadedAt = now });
    }

    /// <summary>Every trainer has finished an iteration: the recovery is over.</summary>
    /// <param name="restored">What the hosts measured, in any order.</param>
    /// <param name="now">Unix milliseconds.</param>
    public void StampResumed(IEnumerable<RankRestore> restored, long now)
    {
        CheckStep(DirectiveStep.Run, "resumed");
        if (Open is not { } open) return;
        var ranks = restored.Where(rank => rank.Epoch == state.Record.Epoch).OrderBy(rank => rank.Rank).ToImmutableArray();
        var fetched = ranks.Where(rank => rank.Source is CopySource.Peer or CopySource.Storage).Sum(rank => rank.Bytes);
        Amend(timeline => timeline with { Ranks = ranks, FetchedBytes = fetched });
        state.Record = state.Record with { Recoveries = Bounded(state.Record.Recoveries) };
        Amend(timeline => timeline with { LoadedAt = open.LoadedAt == 0 ? now : open.LoadedAt, ResumedAt = now });
    }

    /// <summary>A present host lost its position to a standby.</summary>
    public void NoteReplaced(HostName host, string reason) => Amend(timeline =>
    {
        ImmutableArray<HostName> hosts = [.. timeline.Hosts.Union([host])];
        return RecoveryHistory.WithNote(timeline with { Kind = FailureKind.Hardware, Hosts = hosts }, reason);
    });

    /// <summary>Hosts were lost in the middle of the recovery.</summary>
    /// <param name="hosts">The lost hosts. Hosts that the time line already names change nothing.</param>
    /// <param name="kindOf">Says whether these hosts have failed or were told to stop.</param>
    public void NoteLost(IEnumerable<HostName> hosts, Func<IEnumerable<HostName>, FailureKind> kindOf)
    {
        var known = Open?.Hosts ?? [];
        var lost = hosts.Except(known).ToList();
        if (lost.Count == 0) return;
        Amend(timeline => timeline with
        {
            Kind = timeline.Kind == FailureKind.Planned ? kindOf(lost) : FailureKind.Hardware,
            Hosts = [.. known, .. lost],
        });
    }

    /// <summary>Adds a note to the newest attempt.</summary>
    public void Note(string what) => Amend(timeline => RecoveryHistory.WithNote(timeline, what));

    private void CheckStep(DirectiveStep step, string stamp) =>
        Invariant.Check(state.Version.Step == step, $"a recovery is stamped {stamp} while its directive is {state.Version}");

    private void Amend(Func<RecoveryTimeline, RecoveryTimeline> change)
    {
        if (state.Record.Recoveries is [.. var earlier, { ResumedAt: 0 } last])
            state.Record = state.Record with { Recoveries = [.. earlier, change(last)] };
    }

    /// <summary>
    /// The first source of a shard in this recovery counts, not its place now. An interrupted attempt of the same recovery, or a guest's fetch while
    /// the job waited, may have brought the shard into own memory.
    /// </summary>
    private static CopySource Furthest(RecoveryPlan plan, CopySource brought, RecoveryTimeline timeline)
    {
        var before = timeline.ResumedIteration == plan.Restore?.Iteration ? timeline.Source : CopySource.None;
        return new[] { plan.Source, brought, before }.Max();
    }

    /// <summary>The whole record is written every time, so it keeps details only of the newest recoveries.</summary>
    private ImmutableArray<RecoveryTimeline> Bounded(ImmutableArray<RecoveryTimeline> timelines) =>
        RecoveryHistory.Bounded(timelines, state.Options.RetainedRecoveries, state.Options.RetainedRecoveryDetails);
}
