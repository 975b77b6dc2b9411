using System.Collections.Immutable;
using Gemini.Grains.Commit;
using Gemini.Grains.Placement;
using Gemini.Grains.Placement.Domains;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

// "Where am I safe?": what the placement is worth, who holds the committed snapshot, how a recovery came by its state.
public sealed partial class JobCoordinator
{
    private readonly HostLabelBook _labels;
    private readonly Lazy<DomainArrangement> _arrangement;
    private (ImmutableArray<HostName?> Assignment, int HostCount, PlacementStatus Status)? _placementStatus;
    private (Iteration Trained, Iteration Captured) _progressBefore;

    /// <summary>The newest committed iteration and its shards, to be handed to <see cref="CommitRecord"/> after the groups were asked.</summary>
    public (Iteration Iteration, ImmutableArray<Replica> Shards) Committed => (_commits.Committed, _commits.Shards);

    /// <summary>Who holds the committed snapshot.</summary>
    /// <param name="committed">As <see cref="Committed"/> was before the groups were asked: their ledgers cannot lack it.</param>
    /// <param name="ledgers">By group; null for one that did not answer.</param>
    public CommitRecord CommitRecord((Iteration Iteration, ImmutableArray<Replica> Shards) committed, ImmutableArray<GroupLedger?> ledgers) =>
        CommitRecords.Of(new CommitObservation
        {
            Job = _job,
            Plan = _placement,
            Epoch = Record.Epoch,
            Captured = Progress().Captured,
            Committed = committed.Iteration,
            Shards = committed.Shards,
            Persisted = Record.Persisted,
            Assignment = Record.Assignment,
            Live = [.. _hosts.Values.Where(host => host.IsPresent)
                .Select(host => (host.Report.Host, _labels.TextOf(host.Report.Host, host.Report.Labels), host.Report.Replicas))],
            Ledgers = ledgers,
        });

    /// <summary>
    /// What every rank has trained and captured, as far as anybody knows. While a failure is dealt with, nobody trains and most trainers say nothing: what was
    /// known before it stands until the job runs again. What is committed or restored was captured, and what was captured was trained.
    /// </summary>
    private (Iteration Trained, Iteration Captured) Progress()
    {
        var isTold = _phase is JobPhase.Running or JobPhase.Completed || (_phase == JobPhase.Persisting && _version.Step == DirectiveStep.Run);
        var (trained, captured) = isTold ? ReportedProgress() : _progressBefore;
        captured = Newest(captured, _commits.Committed, Record.Restore?.Iteration ?? default);
        return (Newest(trained, captured), captured);
    }

    /// <summary>By the trainers of this epoch; zero while one of them has said nothing.</summary>
    private (Iteration Trained, Iteration Captured) ReportedProgress()
    {
        var trainers = Trainers();
        return Array.TrueForAll(trainers, trainer => trainer?.Epoch == Record.Epoch)
            ? (trainers.Min(trainer => trainer!.Iteration), trainers.Min(trainer => trainer!.Captured))
            : default;
    }

    /// <summary>To be called while <see cref="Record"/> still has the epoch that ends.</summary>
    private void RememberProgress() => _progressBefore = Progress();

    private static Iteration Newest(params ReadOnlySpan<Iteration> iterations)
    {
        var newest = Iteration.Zero;
        foreach (var iteration in iterations) newest = iteration > newest ? iteration : newest;
        return newest;
    }

    /// <summary>Computed again only when another host is in a position, or one said for the first time where it stands.</summary>
    private PlacementStatus PlacementStatus()
    {
        if (_placementStatus is { } known && known.Assignment == Record.Assignment && known.HostCount == _hosts.Count) return known.Status;
        ImmutableArray<LabelledHost> hosts = Record.Assignment.IsEmpty
            ? _arrangement.Value.Hosts
            : [.. Enumerable.Range(0, Record.Assignment.Length).Select(position => Record.Assignment[position] is { } host
                ? Labelled(host)
                : new LabelledHost(new HostName($"position {position}"), HostLabels.None))];
        var status = PlacementReport.Of(_job, _arrangement.Value, hosts);
        _placementStatus = (Record.Assignment, _hosts.Count, status);
        return status;
    }

    private LabelledHost Labelled(HostName host) =>
        new(host, _labels.Of(host, _hosts.TryGetValue(host, out var view) ? view.Report.Labels : []));

    /// <summary>Whether two hosts stand in one of the domains that copies of one shard should not share.</summary>
    private bool SharesDomain(HostName left, HostName right)
    {
        var (one, other) = (Labelled(left).Labels, Labelled(right).Labels);
        return _job.Domains.Any(label => one.ValueOf(label) is { } value && value == other.ValueOf(label));
    }

    /// <summary>Completes a time line with what the hosts measured, and keeps such details of the newest ones only.</summary>
    private void StampRanks()
    {
        var ranks = AssignedHosts().SelectMany(host => host.Report.Restored).Where(rank => rank.Epoch == Record.Epoch)
            .OrderBy(rank => rank.Rank).ToImmutableArray();
        var fetched = ranks.Where(rank => rank.Source is CopySource.Peer or CopySource.Storage).Sum(rank => rank.Bytes);
        AmendTimeline(timeline => timeline with { Ranks = ranks, FetchedBytes = fetched });
        Record = Record with { Recoveries = Bounded(Record.Recoveries) };
    }
}
