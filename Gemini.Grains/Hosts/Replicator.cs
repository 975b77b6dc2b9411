using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>
/// Sends the host's own shards to the hosts that hold them: one <see cref="IReplicaLink"/> for each own rank and holder, as the
/// directive names them, to the data port that the newest directive names. What to send comes from two sides: a capture that
/// began, and, at the start of an epoch, the newest sealed snapshot of the own slots. A new holder lacks that one (repair), or
/// an earlier silo could not send it any more.
/// </summary>
internal sealed class Replicator(IHostMemory memory, HostState state, IReplicaLinks links) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(Rank Owner, HostName Holder), IReplicaLink> _links = [];
    private Epoch _epoch;

    /// <summary>A holder cannot be supplied, or can be again. Any thread, under no lock.</summary>
    public event Action? Changed;

    /// <summary>The holders that cannot be supplied at present, by owner and holder.</summary>
    public ImmutableArray<ReplicationProblem> Problems
    {
        get
        {
            lock (_gate)
            {
                var problems = _links.Values.Select(link => link.Problem).OfType<ReplicationProblem>();
                return [.. problems.OrderBy(problem => problem.Owner).ThenBy(problem => problem.Holder)];
            }
        }
    }

    /// <summary>Ends all sending of epochs before this one.</summary>
    public void Stop(Epoch epoch)
    {
        lock (_gate)
        {
            foreach (var link in _links.Values) link.Reset(epoch);
        }
    }

    /// <summary>Makes the links those of the directive, and offers each what is sealed already. Idempotent within an epoch.</summary>
    public void Configure(HostDirective directive)
    {
        lock (_gate)
        {
            if (directive.Version.Epoch == _epoch) return;
            _epoch = directive.Version.Epoch;
            // All of them are new: whatever kept one of the last epoch from sending ends with it. That is what an epoch is begun for when
            // commits have stopped for no reason that anybody can see. They end within a second, and nothing waits for them.
            foreach (var link in _links.Values) _ = link.DisposeAsync().AsTask();
            _links.Clear();
            foreach (var shard in directive.Own)
            {
                foreach (var holder in shard.Holders) _links.Add((shard.Owner, holder), Open(shard.Owner, holder));
            }

            foreach (var link in _links.Values) link.Reset(_epoch);
        }

        foreach (var newest in memory.Inventory().GroupBy(replica => replica.Owner).Select(copies => copies.MaxBy(replica => replica.Snapshot)!))
            Offer(newest.Owner, newest.Snapshot);
    }

    /// <summary>A snapshot of an own shard is being captured, or is sealed: its holders should have it.</summary>
    public void Offer(Rank owner, SnapshotId snapshot)
    {
        var keep = KeepBeside(owner, snapshot);
        lock (_gate)
        {
            foreach (var (key, link) in _links)
            {
                if (key.Owner == owner) link.Offer(snapshot, _epoch, keep);
            }
        }
    }

    /// <summary>
    /// What the holders must not lose for this snapshot: what the owner's other slot holds. That is the committed one or, as long
    /// as nothing is committed, the pending one before, which may be committed yet.
    /// </summary>
    private Iteration KeepBeside(Rank owner, SnapshotId snapshot)
    {
        var others = memory.Inventory().Where(copy => copy.Owner == owner && copy.Snapshot != snapshot).Select(copy => copy.Snapshot).ToList();
        return others.Count > 0 ? others.Max().Iteration : state.Committed;
    }

    /// <summary>The snapshot will never be committed.</summary>
    public void Withdraw(SnapshotId snapshot)
    {
        lock (_gate)
        {
            foreach (var link in _links.Values) link.Withdraw(snapshot);
        }
    }

    public async ValueTask DisposeAsync()
    {
        List<IReplicaLink> links;
        lock (_gate)
        {
            links = [.. _links.Values];
            _links.Clear();
        }

        await Task.WhenAll(links.Select(link => link.DisposeAsync().AsTask()));
    }

    private IReplicaLink Open(Rank owner, HostName holder)
    {
        var link = links.Open(owner, holder, () => state.EndpointOf(holder));
        link.ProblemChanged += () => Changed?.Invoke();
        return link;
    }
}
