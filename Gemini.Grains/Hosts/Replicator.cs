using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>
/// Sends the host's own shards to their holders: one <see cref="IReplicaLink"/> for each own rank and each holder that the directive names, to the
/// data port that the newest directive names. It offers a capture when the capture begins and, at the start of an epoch, the newest sealed snapshot
/// of the own slots. A new holder lacks that snapshot (repair), or an earlier silo could not finish sending it.
/// </summary>
internal sealed class Replicator(IHostMemory memory, HostState state, IReplicaLinks links) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(Rank Owner, HostName Holder), IReplicaLink> _links = [];
    private Epoch _epoch;

    /// <summary>Sending to a holder began to fail, or works again. Any thread, under no lock.</summary>
    public event Action? Changed;

    /// <summary>The holders to which sending fails at present, by owner and holder.</summary>
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

    /// <summary>The measured paths to holders.</summary>
    public ImmutableArray<PathReport> Paths => links.Paths;

    /// <summary>How replicas share the network with training.</summary>
    public TrafficReport? Traffic => links.Traffic;

    /// <summary>Measures the paths to the holders that the directive names, one after the other. For a job that has not begun to train.</summary>
    public async Task MeasurePathsAsync(HostDirective directive, CancellationToken ct)
    {
        foreach (var holder in directive.Own.SelectMany(shard => shard.Holders).Distinct().Order())
            await links.MeasureAsync(holder, directive.DataEndpoints.GetValueOrDefault(holder, ""), ct);
    }

    /// <summary>Ends all sending of epochs before this one.</summary>
    public void Stop(Epoch epoch)
    {
        lock (_gate)
        {
            foreach (var link in _links.Values) link.Reset(epoch);
        }
    }

    /// <summary>Opens the links that the directive names, and offers each the newest sealed snapshot. Acts once per epoch.</summary>
    public void Configure(HostDirective directive)
    {
        lock (_gate)
        {
            if (directive.Version.Epoch == _epoch) return;
            _epoch = directive.Version.Epoch;
            // Every epoch gets new links, so a fault that kept an old link from sending ends with the old epoch. When commits stop and no cause is
            // visible, the root agent begins an epoch for this reason. The old links end within a second, and nothing waits for them.
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
    /// The iteration that holders must keep when they receive this snapshot: the one in the owner's other slot. That is the committed one or, before
    /// the first commit, the pending one before, which may still be committed.
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
