using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster.Ports;

/// <summary>Sends one own shard to one holder through the network: the newest offer, until the holder acknowledges it.</summary>
internal sealed class ReplicaLink : IReplicaLink
{
    private const int RetryMilliseconds = 100;
    private const int FollowMilliseconds = 5;
    private const int TransferLimitMilliseconds = 2000;

    private readonly World _world;
    private readonly Silo _silo;
    private readonly HostMemory _memory;
    private readonly Alarm _offered;
    private (SnapshotId Snapshot, Epoch Epoch, Iteration Keep)? _offer;
    private SnapshotId? _acked;
    private Epoch _epoch;

    public ReplicaLink(World world, Silo silo, Rank owner, HostName holder)
    {
        (_world, _silo, _memory, Owner, Holder) = (world, silo, silo.Machine.Memory, owner, holder);
        _offered = new Alarm(world.Loop, silo);
        silo.Launch(RunAsync);
    }

    public event Action? ProblemChanged;

    public ReplicationProblem? Problem { get; private set; }

    public Rank Owner { get; }

    public HostName Holder { get; }

    /// <summary>The link still takes offers and sends nothing.</summary>
    public bool HasEnded { get; private set; }

    public void End()
    {
        HasEnded = true;
        _offered.Set();
    }

    public void Offer(SnapshotId snapshot, Epoch epoch, Iteration keep)
    {
        if (epoch < _epoch || (_acked is { } acked && snapshot.CompareTo(acked) <= 0)) return;
        if (_offer is { } offer && snapshot.CompareTo(offer.Snapshot) < 0 && epoch <= offer.Epoch) return;
        _offer = (snapshot, epoch, keep);
        _offered.Set();
    }

    public void Withdraw(SnapshotId snapshot)
    {
        if (_offer?.Snapshot == snapshot) _offer = null;
    }

    public void Reset(Epoch epoch)
    {
        if (epoch < _epoch) return;
        (_epoch, _offer, _acked, Problem) = (epoch, null, null, null);
    }

    public ValueTask DisposeAsync()
    {
        _offer = null;
        End();
        return ValueTask.CompletedTask;
    }

    private async Task RunAsync()
    {
        while (!HasEnded)
        {
            await _offered.Wait(1_000_000);
            while (!HasEnded && _offer is { } offer)
            {
                if (await SendAsync(offer.Snapshot, offer.Epoch, offer.Keep)) Acknowledge(offer.Snapshot, offer.Epoch);
                else if (_world.Has(Defect.FailedSendsEnd)) HasEnded = true;
                else await FailAsync(offer.Epoch);
            }
        }
    }

    private async Task FailAsync(Epoch epoch)
    {
        if (epoch >= _epoch && Problem is null)
        {
            Problem = new ReplicationProblem(Owner, Holder, "it does not answer", _silo.Machine.Clock);
            ProblemChanged?.Invoke();
        }

        await _silo.Delay(RetryMilliseconds);
    }

    private void Acknowledge(SnapshotId snapshot, Epoch epoch)
    {
        if (epoch < _epoch) return;
        _acked = snapshot;
        if (_offer is { } current && current.Snapshot == snapshot && current.Epoch == epoch) _offer = null;
        if (Problem is null) return;
        Problem = null;
        ProblemChanged?.Invoke();
    }

    /// <summary>Waits while the snapshot is being captured. If it is no longer wanted, or if the capture takes long, the wait ends earlier.</summary>
    private async Task FollowAsync(SnapshotId snapshot)
    {
        bool IsCapturing() => _memory.Find(Owner)?.Slots.Any(slot => slot.State == SlotState.Writing && slot.Snapshot == snapshot) == true;

        var end = _world.Now + TransferLimitMilliseconds;
        while (!HasEnded && _offer?.Snapshot == snapshot && IsCapturing() && _world.Now < end) await _silo.Delay(FollowMilliseconds);
    }

    private async Task<bool> SendAsync(SnapshotId snapshot, Epoch epoch, Iteration keep)
    {
        await FollowAsync(snapshot);
        if (_world.HoldsReplication || _memory.Find(Owner, snapshot) is not { } slot) return false;
        var hash = slot.Hash;
        var acked = new TaskCompletionSource<bool>();
        void Answer(bool isSealed)
        {
            if (!_silo.Alive || !acked.TrySetResult(isSealed) || isSealed) return;
            // Perhaps the holder refused the copy because it is bad on this host.
            if (_memory.Verify(Owner, snapshot, hash)) return;
            _memory.Quarantine(Owner, snapshot);
            _silo.Memory.NoteDamaged();
        }

        var target = _world.MachineOf(Holder);
        var (here, there) = (_silo.Machine.Index, target.Index);
        _world.Loop.Schedule(TransferLimitMilliseconds, () => Answer(false));
        _world.Network.Send(here, there, () =>
        {
            if (target.Silo is { IsUp: true } holder) holder.Launch(() => ReceiveAsync(holder));
        });
        return await acked.Task;

        async Task ReceiveAsync(Silo holder)
        {
            var receiver = new object();
            var memory = holder.Machine.Memory;
            var (into, held) = memory.TryReceive(receiver, Owner, snapshot, epoch, keep, fromPeer: true);
            var isHeld = held == hash;
            if (into is not null)
            {
                await holder.Delay(_world.Dice.Between(2, 40));
                // The connection may have broken during the transfer, and the source may have overwritten the slot.
                var isWhole = _silo.Alive && !_world.Network.IsCut(here, there) && slot.State == SlotState.Sealed && slot.Snapshot == snapshot;
                isHeld = memory.Seal(receiver, into, epoch, hash, isWhole ? slot.Content : 0);
                if (isHeld) holder.Memory.NoteSealed(into);
            }

            _world.Network.Send(there, here, () => Answer(isHeld));
        }
    }
}
