using System.Collections.Immutable;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Persistence;

/// <summary>Follows one snapshot at a time from its naming to its completeness in storage. Pure: no clock, no I/O.</summary>
/// <remarks>
/// <code>
/// named ──► every host staged ──► every host stored, and committed ──► manifest ──► complete
///   └── a host missed it, or it was left behind by a recovery: another one is named
/// </code>
/// When training has ended, the last snapshot replaces the one that is being persisted. Once its snapshot is committed, a request outlives its epoch:
/// staged copies need neither trainers nor slots. If a host lost its copy with its memory, it reports the request as missed. If storage fails, the host
/// itself tries again. The tracker drops such a request only after <see cref="TroubledRequestLimit"/>, and only if the policy asks for the next snapshot.
/// </remarks>
public sealed class PersistTracker(JobSpec job, StoragePolicy policy)
{
    /// <summary>A request that storage does not take is kept at least this long. Meanwhile hosts try again, at their own pace.</summary>
    public static readonly TimeSpan TroubledRequestLimit = TimeSpan.FromMinutes(1);

    /// <summary>The position whose host writes the manifest. Any position would do, as long as every root agent takes the same one.</summary>
    private static readonly HostPosition Writer = new(0);

    private SnapshotId? _request;
    private long _requestedAt;
    private ImmutableArray<StoredShard> _manifest = [];
    private int _misses;

    /// <summary>The snapshot that is being persisted; null if there is none.</summary>
    public SnapshotId? Request => _request;

    /// <summary>When <see cref="Request"/> was made, Unix milliseconds.</summary>
    public long RequestedAt => _requestedAt;

    /// <summary>What the host at this position must do; null: nothing.</summary>
    public PersistDirective? DirectiveFor(HostPosition position) => _request is { } snapshot
        ? new PersistDirective { Snapshot = snapshot, Manifest = position == Writer ? _manifest : [] }
        : null;

    /// <summary>Takes in an observation, and decides. Returns the snapshot that has become complete in storage, if one has.</summary>
    /// <param name="observation">What the coordinator knows now.</param>
    /// <param name="since">When the newest snapshot in storage was asked for, or the job began.</param>
    public SnapshotId? Evaluate(PersistObservation observation, long since)
    {
        SnapshotId? completed = null;
        if (_request is { } request)
        {
            Invariant.Check(observation.Reports.Length == job.HostCount, $"{observation.Reports.Length} hosts are asked how far {request} is");
            var reports = observation.Reports.Select(report => report?.Persist is { } persist && persist.Snapshot == request ? persist : null).ToList();
            if (reports[Writer.Value] is { Stage: PersistStage.Completed })
            {
                completed = request;
                Drop(misses: 0);
                since = _requestedAt;
            }
            else if (reports.Any(report => report is { Stage: PersistStage.Missed }))
            {
                Drop(_misses + 1);
            }
            else if (IsLeftBehind(request, observation) || IsGivenUp(reports, observation))
            {
                Drop(misses: 0);
            }
            else if (_manifest.IsEmpty && request.Iteration <= observation.Committed)
            {
                _manifest = ManifestOf(reports);
            }
        }

        if (observation.Last is { } last && _request != last && completed != last) Ask(last, observation.Now);
        else if (_request is null && observation.IsTraining) Name(observation, since);
        return completed;
    }

    /// <summary>Whether a recovery went back to before the requested iteration. Nobody will capture it in that epoch any more.</summary>
    private static bool IsLeftBehind(SnapshotId request, PersistObservation observation) =>
        request.Epoch < observation.Epoch && request.Iteration > observation.Committed;

    private bool IsGivenUp(List<PersistReport?> reports, PersistObservation observation) =>
        observation.IsTraining
        && observation.Now - _requestedAt >= TroubledRequestLimit.TotalMilliseconds
        && reports.Any(report => report?.Problem is not null)
        && PersistSchedule.Next(policy, Progress(observation, _requestedAt), observation.Now) is not null;

    private void Name(PersistObservation observation, long since)
    {
        if (PersistSchedule.Next(policy, Progress(observation, since), observation.Now) is not { } iteration) return;
        Invariant.Check(_request is null && _manifest.IsEmpty, $"{iteration} is asked for while {_request} is");
        Invariant.Check(iteration > observation.Committed, $"iteration {iteration} is named for storage after {observation.Committed} was committed");
        (_request, _requestedAt) = (new SnapshotId(iteration, observation.Epoch), observation.Now);
    }

    private void Ask(SnapshotId last, long now)
    {
        Drop(misses: 0);
        (_request, _requestedAt) = (last, now);
    }

    private PersistProgress Progress(PersistObservation observation, long since) =>
        new(since, observation.Reached > observation.Committed ? observation.Reached : observation.Committed, observation.Total, _misses);

    /// <summary>Every shard by rank, if every host has stored its own; otherwise empty.</summary>
    private ImmutableArray<StoredShard> ManifestOf(List<PersistReport?> reports)
    {
        if (reports.Any(report => report is not { Stage: PersistStage.Stored })) return [];
        var shards = reports.SelectMany(report => report!.Shards).OrderBy(shard => shard.Owner).ToImmutableArray();
        return shards.Select(shard => shard.Owner.Value).SequenceEqual(Enumerable.Range(0, job.WorldSize)) ? shards : [];
    }

    private void Drop(int misses)
    {
        _request = null;
        _manifest = [];
        _misses = misses;
    }
}
