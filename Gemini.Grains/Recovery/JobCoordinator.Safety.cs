using System.Collections.Immutable;
using Gemini.Grains.Commit;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

// "Where am I safe?": what the placement is worth, who holds the committed snapshot, how a recovery came by its state.
public sealed partial class JobCoordinator
{
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
            Captured = _progress.Evaluate().Captured,
            Committed = committed.Iteration,
            Shards = committed.Shards,
            Persisted = Record.Persisted,
            Assignment = Record.Assignment,
            Live = [.. _roster.Present
                .Select(host => (host.Report.Host, _domains.TextOf(host), host.Report.Replicas))],
            Ledgers = ledgers,
        });
}
