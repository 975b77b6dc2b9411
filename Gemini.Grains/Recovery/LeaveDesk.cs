using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// Which hosts may leave: at the end of the job, or because they were told to stop. The rules are in <see cref="LeavePlanner"/>. Pure.
/// </summary>
internal sealed class LeaveDesk(JobState state, HostRoster roster, JobCommits commits, StorageDesk storage)
{
    private ImmutableSortedDictionary<HostName, LeaveDirective> _words = ImmutableSortedDictionary<HostName, LeaveDirective>.Empty;
    private long? _failedSince;

    /// <summary>
    /// Every present host with a position was told to stop, and the job has storage. Then the job halts once more, prepares the snapshot that it
    /// would resume from, and persists that snapshot instead of resuming.
    /// </summary>
    public bool IsStopping => storage.Exists && !OthersStay && Array.Exists(roster.Assigned(), host => host.IsPresent);

    /// <summary>A present host with a position was not told to stop.</summary>
    private bool OthersStay => Array.Exists(roster.Assigned(), host => host is { IsPresent: true, Report.IsLeaving: false });

    /// <summary>The leave directive of a host; null: it stays.</summary>
    public LeaveDirective? DirectiveFor(HostName host) => _words.GetValueOrDefault(host);

    /// <summary>Decides for every present host. Returns whether a host has to be told something new.</summary>
    /// <param name="reason">Why the job is in its phase, for people.</param>
    /// <param name="now">Unix milliseconds.</param>
    public bool Evaluate(string reason, long now)
    {
        _failedSince = state.Phase == JobPhase.Failed ? _failedSince ?? now : null;
        var before = _words;
        var observation = Observe(reason, now);
        // All hosts that were not told to stop get the same answer.
        var toOthers = LeavePlanner.Evaluate(observation);
        var words = ImmutableSortedDictionary<HostName, LeaveDirective>.Empty;
        foreach (var host in roster.All)
        {
            if (!host.IsPresent) continue;
            var word = host.LeavingSince is not { } since ? toOthers : LeavePlanner.Evaluate(observation with
            {
                LeavingMilliseconds = now - since,
                HasPosition = roster.PositionOf(host) is not null,
            });
            if (word is not null) words = words.Add(host.Report.Host, word);
        }

        _words = words;
        return !before.SequenceEqual(words);
    }

    private LeaveObservation Observe(string reason, long now) => new()
    {
        Phase = state.Phase,
        Reason = reason,
        FailedMilliseconds = now - (_failedSince ?? now),
        AllKnowOfCompletion = Array.TrueForAll(roster.All, host => !host.IsPresent || host.Report.Done == state.Complete),
        OthersStay = OthersStay,
        IsIncomplete = roster.AnyIsAbsent,
        HasStorage = storage.Exists,
        Committed = commits.Snapshot,
        IsPersisted = storage.HasCommitted,
    };
}
