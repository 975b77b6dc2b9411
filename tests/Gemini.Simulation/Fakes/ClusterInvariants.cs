using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Fakes;

/// <summary>What must be true at every moment, checked against the fake hosts' memory itself and not against reports.</summary>
internal sealed class ClusterInvariants(FakeCluster cluster)
{
    private readonly Dictionary<Epoch, SnapshotId?> _loaded = [];
    private DirectiveVersion _newestSent;
    private Iteration _committedInEpoch;
    private Epoch _committedEpoch;

    /// <summary>The newest iteration that hosts were told to be committed.</summary>
    public Iteration EverCommitted { get; private set; }

    /// <summary>Whether the record of the epoch was lost. A new root agent must then learn from the hosts which epochs have begun.</summary>
    public bool RecordWasLost { get; set; }

    /// <summary>All trainers of an epoch load the same snapshot.</summary>
    public void Loaded(Rank rank, Epoch epoch, SnapshotId? snapshot)
    {
        if (_loaded.TryAdd(epoch, snapshot)) return;
        if (_loaded[epoch] != snapshot)
            throw new InvariantBrokenException($"in epoch {epoch} rank {rank} loads {snapshot}, a peer loaded {_loaded[epoch]}");
    }

    /// <summary>If a host may know of an epoch, this epoch never begins a second time.</summary>
    public void RootCameUp(JobCoordinator root)
    {
        if (!RecordWasLost && root.Record.Epoch < _newestSent.Epoch)
            throw new InvariantBrokenException($"a root agent comes up with epoch {root.Record.Epoch}; {_newestSent} was sent");
    }

    public void Sent(HostDirective directive)
    {
        if (directive.Version <= _newestSent) return;
        if (directive.Version.Step == DirectiveStep.Prepare) CheckPlan(directive);
        if (directive.Version.Epoch == _newestSent.Epoch && directive.Version.Step == DirectiveStep.Halt)
            throw new InvariantBrokenException($"epoch {directive.Version.Epoch} begins twice");
        _newestSent = directive.Version;
    }

    /// <summary>Commits only grow within an epoch.</summary>
    public void Committed(Epoch epoch, Iteration iteration)
    {
        if (epoch == _committedEpoch && iteration < _committedInEpoch)
            throw new InvariantBrokenException($"in epoch {epoch} iteration {iteration} is committed after {_committedInEpoch}");
        (_committedEpoch, _committedInEpoch) = (epoch, iteration);
        if (iteration > EverCommitted) EverCommitted = iteration;
    }

    /// <summary>
    /// The plan restores the newest snapshot that the hosts of the job hold whole. It also restores at least the committed iteration, if the halted
    /// hosts, with or without a position, hold a whole snapshot that is as new. (The job does not wait for a host without a position. So a snapshot that is whole only with such a
    /// host may be missed, if it was never committed.)
    /// </summary>
    private void CheckPlan(HostDirective directive)
    {
        if (cluster.Job.Storage is { IsBaseline: true })
        {
            // A baseline ignores memory: it restores the snapshot in storage, or starts from the beginning.
            if (directive.Restore != cluster.Root.Store.Persisted)
                throw new InvariantBrokenException($"{directive.Version} restores {directive.Restore}; {cluster.Root.Store.Persisted} is persisted");
            return;
        }

        var halt = new DirectiveVersion(directive.Version.Epoch, DirectiveStep.Halt);
        var halted = cluster.Hosts.Where(host => host.SiloAlive && host.Done == halt).ToList();
        var newest = NewestWhole(halted.Where(host => cluster.Root.Store.Assignment.Contains(host.Name)));
        if (NewestWhole(halted) is { } any && any.Iteration >= _committedInEpoch && !(directive.Restore?.Iteration >= _committedInEpoch))
            throw new InvariantBrokenException($"{directive.Version} restores {directive.Restore}; {_committedInEpoch} was committed, and {any} is whole");
        if (directive.Restore is null && EverCommitted > Iteration.Zero)
            throw new InvariantBrokenException($"a fresh start although {EverCommitted} was committed");
        if (newest is { } whole && (directive.Restore is not { } restored || restored.CompareTo(whole) < 0))
            throw new InvariantBrokenException($"{directive.Version} restores {directive.Restore}, but {whole} is whole");
    }

    public SnapshotId? NewestWhole(IEnumerable<FakeHost> hosts) => hosts
        .SelectMany(host => host.Memory.All)
        .GroupBy(replica => replica.Snapshot)
        .Where(snapshot => snapshot.Select(replica => replica.Owner).Distinct().Count() == cluster.Job.WorldSize)
        .Select(snapshot => (SnapshotId?)snapshot.Key)
        .MaxBy(snapshot => snapshot!.Value);
}

internal sealed class InvariantBrokenException(string message) : Exception(message);
