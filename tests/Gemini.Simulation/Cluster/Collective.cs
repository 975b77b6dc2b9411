using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Cluster;

/// <summary>
/// The ring of one epoch. No rank finishes an iteration without all others, and a rank that loses a neighbour leaves the ring. A cut link between two
/// neighbours makes all ranks wait and resets no connection. A neighbour that never comes has the same effect: the ranks that connect to it try
/// again.
/// </summary>
internal sealed class Collective
{
    private const int WatchPeriodMilliseconds = 100;

    private readonly World _world;
    private readonly Epoch _epoch;
    private readonly ImmutableArray<string> _ring;
    private readonly TrainerProcess?[] _members;
    private readonly TaskCompletionSource<ulong?>?[] _arrived;
    private readonly bool[] _came;
    private readonly bool[] _left;
    private bool _isWatched;

    public Collective(World world, Epoch epoch, ImmutableArray<string> ring)
    {
        (_world, _epoch, _ring) = (world, epoch, ring);
        _members = new TrainerProcess?[ring.Length];
        _arrived = new TaskCompletionSource<ulong?>?[ring.Length];
        (_came, _left) = (new bool[ring.Length], new bool[ring.Length]);
    }

    public void Enter(TrainerProcess trainer)
    {
        var rank = trainer.Rank!.Value.Value;
        _members[rank] = trainer;
        // Its neighbours connect to the endpoint that they were told. A trainer with another endpoint never meets them.
        _came[rank] |= _ring[rank] == trainer.RingEndpoint;
        if (_isWatched) return;
        _isWatched = true;
        _world.Loop.Schedule(WatchPeriodMilliseconds, Watch);
    }

    /// <summary>The trainer's sockets are closed.</summary>
    public void Leave(TrainerProcess trainer)
    {
        var rank = trainer.Rank!.Value.Value;
        if (_members[rank] != trainer) return;
        (_members[rank], _arrived[rank], _left[rank]) = (null, null, true);
    }

    /// <summary>The sum over all ranks' states, when all ranks are there; null if a neighbour is lost.</summary>
    public Task<ulong?> StepAsync(TrainerProcess trainer)
    {
        var arrival = _arrived[trainer.Rank!.Value.Value] = new TaskCompletionSource<ulong?>();
        TryComplete();
        return arrival.Task;
    }

    private void TryComplete()
    {
        for (var rank = 0; rank < _ring.Length; rank++)
        {
            if (_arrived[rank] is null || !_came[rank] || !IsRingOpen(rank)) return;
        }

        var sum = 0UL;
        foreach (var member in _members)
        {
            sum = unchecked(sum + member!.Data);
            _world.Truths.Collected(member, _members[0]!);
        }

        for (var rank = 0; rank < _ring.Length; rank++)
        {
            var arrival = _arrived[rank]!;
            _arrived[rank] = null;
            _world.Loop.Schedule(_world.Dice.Between(1, 10), () => arrival.TrySetResult(sum));
        }
    }

    private bool IsRingOpen(int rank)
    {
        var (from, to) = (_members[rank]!.Machine.Index, _members[Neighbour(rank, 1)]?.Machine.Index);
        return to is { } peer && _world.Network.IsOpen(from, peer) && _world.Network.IsOpen(peer, from);
    }

    private int Neighbour(int rank, int by) => (rank + by + _ring.Length) % _ring.Length;

    private void Watch()
    {
        var isAlive = false;
        for (var rank = 0; rank < _ring.Length; rank++)
        {
            if (_members[rank] is not { Alive: true } member) continue;
            isAlive = true;
            foreach (var neighbour in new[] { Neighbour(rank, 1), Neighbour(rank, -1) })
            {
                if (neighbour == rank || !IsReset(member, neighbour)) continue;
                _arrived[rank] = null;
                member.LosePeer(new Rank(neighbour));
                break;
            }
        }

        TryComplete();
        if (_isWatched = isAlive) _world.Loop.Schedule(WatchPeriodMilliseconds, Watch);
    }

    /// <summary>Whether this neighbour closed its end of the connection and the reset reaches this member.</summary>
    private bool IsReset(TrainerProcess member, int neighbour)
    {
        if (!_came[neighbour] || _world.TrainerAt(_ring[neighbour]) is not { } peer) return false;
        if (!_world.Network.IsOpen(peer.Machine.Index, member.Machine.Index)) return false;
        if (!peer.Alive) return !peer.DiedSilently || peer.Machine.IsOn;
        return _left[neighbour] || peer.Epoch > _epoch;
    }
}
