using Gemini.Interfaces.Model;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster;

/// <summary>
/// Sends the host's own shards to their holders, as <c>Replicator</c> and <c>ReplicaSender</c> do: the newest offer, until it is
/// acknowledged.
/// </summary>
internal sealed class ReplicaSenders(World world, Silo silo)
{
    private readonly SortedDictionary<(Rank Owner, HostName Holder), Sender> _senders = new(Comparer<(Rank Owner, HostName Holder)>.Create(
        (one, other) => one.Owner != other.Owner ? one.Owner.CompareTo(other.Owner) : string.CompareOrdinal(one.Holder.Value, other.Holder.Value)));

    private Epoch _epoch;

    public void Stop(Epoch epoch)
    {
        foreach (var sender in _senders.Values) sender.Reset(epoch);
    }

    public void Configure(HostDirective directive)
    {
        if (directive.Version.Epoch == _epoch) return;
        _epoch = directive.Version.Epoch;
        foreach (var sender in _senders.Values) sender.Dispose();
        _senders.Clear();
        foreach (var shard in directive.Own)
        {
            foreach (var holder in shard.Holders) _senders.Add((shard.Owner, holder), new Sender(world, silo, shard.Owner, holder));
        }

        foreach (var sender in _senders.Values) sender.Reset(_epoch);
        foreach (var newest in silo.Machine.Memory.Inventory().GroupBy(replica => replica.Owner).Select(copies => copies.MaxBy(replica => replica.Snapshot)!))
            Offer(newest.Owner, newest.Snapshot);
    }

    public void Offer(Rank owner, SnapshotId snapshot)
    {
        // What the owner's other slot holds, the holders must not lose either.
        var others = silo.Machine.Memory.Inventory().Where(copy => copy.Owner == owner && copy.Snapshot != snapshot).ToList();
        var keep = others.Count > 0 ? others.Max(copy => copy.Snapshot).Iteration : silo.State.Committed;
        foreach (var sender in _senders.Values.Where(sender => sender.Owner == owner)) sender.Offer(snapshot, _epoch, keep);
    }

    /// <summary>One of them does nothing any more, until an epoch makes a new one. False: there is none.</summary>
    public bool EndOne()
    {
        var living = _senders.Values.Where(sender => !sender.HasEnded).ToList();
        if (living.Count == 0) return false;
        var sender = world.Dice.Pick(living);
        world.Trace(silo.Host.Value, () => $"the sender of rank {sender.Owner} to {sender.Holder} ends");
        sender.End();
        return true;
    }

    public void Withdraw(SnapshotId snapshot)
    {
        foreach (var sender in _senders.Values) sender.Withdraw(snapshot);
    }

    private sealed class Sender
    {
        private const int RetryMilliseconds = 100;
        private const int TransferLimitMilliseconds = 2000;

        private readonly World _world;
        private readonly Silo _silo;
        private readonly Alarm _offered;
        private (SnapshotId Snapshot, Epoch Epoch, Iteration Keep)? _offer;
        private SnapshotId? _acked;
        private Epoch _epoch;
        private bool _disposed;

        public Sender(World world, Silo silo, Rank owner, HostName holder)
        {
            (_world, _silo, Owner, Holder) = (world, silo, owner, holder);
            _offered = new Alarm(world.Loop, silo);
            silo.Launch(RunAsync);
        }

        public Rank Owner { get; }

        public HostName Holder { get; }

        public bool HasEnded { get; private set; }

        /// <summary>It still takes offers, and sends nothing.</summary>
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
            (_epoch, _offer, _acked) = (epoch, null, null);
        }

        public void Dispose()
        {
            (_disposed, _offer) = (true, null);
            _offered.Set();
        }

        private async Task RunAsync()
        {
            while (!_disposed && !HasEnded)
            {
                await _offered.Wait(1_000_000);
                while (!HasEnded && _offer is { } offer)
                {
                    if (await SendAsync(offer.Snapshot, offer.Epoch, offer.Keep)) Acknowledge(offer.Snapshot, offer.Epoch);
                    else if (_world.Has(Defect.FailedSendsEnd)) HasEnded = true;
                    else await _silo.Delay(RetryMilliseconds);
                }
            }
        }

        private void Acknowledge(SnapshotId snapshot, Epoch epoch)
        {
            if (epoch < _epoch) return;
            _acked = snapshot;
            if (_offer is { } current && current.Snapshot == snapshot && current.Epoch == epoch) _offer = null;
        }

        private async Task<bool> SendAsync(SnapshotId snapshot, Epoch epoch, Iteration keep)
        {
            if (_silo.Machine.Memory.Find(Owner, snapshot) is not { } slot) return false;
            var hash = slot.Hash;
            var acked = new TaskCompletionSource<bool>();
            void Answer(bool isSealed)
            {
                if (!_silo.Alive || !acked.TrySetResult(isSealed) || isSealed) return;
                // Perhaps the holder refused it because it is bad here.
                if (_silo.Machine.Memory.Verify(Owner, snapshot, hash)) return;
                _silo.Machine.Memory.Quarantine(Owner, snapshot);
                _silo.Changed();
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
                    // The connection may have broken on the way, and the source may have used the slot again.
                    var isWhole = _silo.Alive && !_world.Network.IsCut(here, there) && slot.State == SlotState.Sealed && slot.Snapshot == snapshot;
                    isHeld = memory.Seal(receiver, into, epoch, hash, isWhole ? slot.Content : 0);
                    if (isHeld) holder.Received();
                }

                _world.Network.Send(there, here, () => Answer(isHeld));
            }
        }
    }
}
