using System.Collections.Immutable;
using Gemini.Grains.Commit;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

// "Where am I safe?": what the placement is worth, who holds the committed snapshot, how a recovery came by its state.
public sealed partial class JobCoordinator
{
    private (Iteration Trained, Iteration Captured) _progressBefore;

    /// <summary>The newest committed iteration and its shards, to be handed to <see cref="CommitRecord"/> after the groups were asked.</summary>
    public (Iteration Iteration, ImmutableArray<Replica> Shards) Committed => (_commits.Committed, _commits.Shards);

    /// <summary>Who holds the committed snapshot.</summary>
    /// <param name="committed">As <see cref="Committed"/> was before the groups were asked: their ledgers cannot lack it.</param>
    /// <param name="ledgers">By group; null for one that did not answer.</param>
    public CommitRecord CommitRecord((Iteration Iteration, ImmutableArray<Replica> Shards) committed, ImmutableArray<GroupLedger?> ledgers) =>
        CommitRecords.Of(new CommitObservation
        {
            Job = _state.Job,
            Plan = _state.Placement,
            Epoch = Record.Epoch,
            Captured = Progress().Captured,
            Committed = committed.Iteration,
            Shards = committed.Shards,
            Persisted = Record.Persisted,
            Assignment = Record.Assignment,
            Live = [.. _roster.Present
                .Select(host => (host.Report.Host, _domains.TextOf(host), host.Report.Replicas))],
            Ledgers = ledgers,
        });

    /// <summary>
    /// What every rank has trained and captured, as far as anybody knows. While a failure is dealt with, nobody trains and most trainers say nothing: what was
    /// known before it stands until the job runs again. What is committed or restored was captured, and what was captured was trained.
    /// </summary>
    private (Iteration Trained, Iteration Captured) Progress()
    {
        var isTold = _state.Phase is JobPhase.Running or JobPhase.Completed || (_state.Phase == JobPhase.Persisting && _state.Version.Step == DirectiveStep.Run);
        var (trained, captured) = isTold ? ReportedProgress() : _progressBefore;
        captured = Newest(captured, _commits.Committed, Record.Restore?.Iteration ?? default);
        return (Newest(trained, captured), captured);
    }

    /// <summary>By the trainers of this epoch; zero while one of them has said nothing.</summary>
    private (Iteration Trained, Iteration Captured) ReportedProgress()
    {
        var trainers = _roster.Trainers();
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
}
