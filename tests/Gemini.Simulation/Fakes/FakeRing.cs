using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Fakes;

/// <summary>
/// The training collective: no rank is ahead of the slowest by more than one iteration, and the neighbours of a dead rank notice it.
/// </summary>
internal sealed class FakeRing(FakeCluster cluster)
{
    /// <summary>How long a finished iteration waits for a slot before its snapshot is skipped.</summary>
    private const int SlotWaitMilliseconds = 500;

    public void Step()
    {
        foreach (var host in cluster.Chaos.Shuffled(cluster.Hosts))
        {
            foreach (var trainer in host.Trainers.Where(trainer => trainer is { Alive: true, IsHung: false, IsFrozen: false } && !cluster.Chaos.Rests())) Step(host, trainer);
        }
    }

    private void Step(FakeHost host, FakeTrainer trainer)
    {
        if (trainer.State == TrainerState.Loading)
        {
            if (host.SiloAlive) host.Load(trainer);
            trainer.FinishedAt = cluster.Now;
        }
        else if (trainer.State == TrainerState.Training)
        {
            Hear(host, trainer);
            if (trainer.Parked is not null) TakeSnapshot(host, trainer);
            if (FindLostNeighbour(trainer) is { } lost) Interrupt(trainer, lost);
            else if (trainer.Parked is null) Advance(host, trainer);
        }
    }

    /// <summary>The trainer learns from its silo, if there is one, of commits and abandoned snapshots.</summary>
    private static void Hear(FakeHost host, FakeTrainer trainer)
    {
        if (!host.SiloAlive || host.Directive.Version.Epoch != trainer.Epoch) return;
        if (host.Committed > trainer.Committed) trainer.Committed = host.Committed;
        if (trainer.Pending is { } pending && (pending <= trainer.Committed || host.IsAbandoned(pending))) trainer.Pending = null;
    }

    private void Advance(FakeHost host, FakeTrainer trainer)
    {
        if (trainer.Iteration == cluster.Total)
        {
            if (trainer.Committed == cluster.Total) trainer.State = TrainerState.Finished;
            return;
        }

        if (cluster.Evaluation is { } evaluation && trainer.Iteration == evaluation.After
            && cluster.Now - trainer.FinishedAt < evaluation.Milliseconds) return;
        var peers = trainer.Ring.Select(Find);
        if (!peers.All(peer => peer is { IsInEpoch: true } && peer.Epoch == trainer.Epoch && peer.Iteration >= trainer.Iteration)) return;
        (trainer.Iteration, trainer.FinishedAt) = (trainer.Iteration.Next(), cluster.Now);
        trainer.Parked = (trainer.Iteration, cluster.Now);
        TakeSnapshot(host, trainer);
    }

    private void TakeSnapshot(FakeHost host, FakeTrainer trainer)
    {
        var (iteration, since) = trainer.Parked!.Value;
        if (trainer.Pending is null)
        {
            var rank = trainer.Rank!.Value;
            var replica = new Replica(rank, new SnapshotId(iteration, trainer.Epoch), FakeTrainer.HashOf(rank, iteration), FakeTrainer.ShardBytes(rank));
            host.Memory.Store(replica, trainer.Committed);
            (trainer.Pending, trainer.Captured, trainer.Parked) = (iteration, iteration, null);
        }
        else if (cluster.Now - since >= SlotWaitMilliseconds && iteration != cluster.Total)
        {
            host.Skipped.Add(new SnapshotId(iteration, trainer.Epoch));
            trainer.Parked = null;
        }
    }

    private void Interrupt(FakeTrainer trainer, Rank lost) =>
        (trainer.State, trainer.LostPeer, trainer.FailedAt) = (TrainerState.Interrupted, lost, cluster.Now);

    private Rank? FindLostNeighbour(FakeTrainer trainer)
    {
        var world = trainer.Ring.Length;
        var rank = trainer.Rank!.Value.Value;
        foreach (var neighbour in new[] { (rank + 1) % world, (rank + world - 1) % world })
        {
            var peer = Find(trainer.Ring[neighbour]);
            var gone = peer is null || peer.Epoch > trainer.Epoch
                || (peer.Epoch == trainer.Epoch && peer.State is TrainerState.Interrupted or TrainerState.Waiting);
            if (gone) return new Rank(neighbour);
        }

        return null;
    }

    private FakeTrainer? Find(string endpoint) => cluster.Trainers.FirstOrDefault(trainer => trainer.Alive && trainer.RingEndpoint == endpoint);
}
