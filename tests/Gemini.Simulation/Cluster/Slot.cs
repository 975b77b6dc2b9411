using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Cluster;

internal enum SlotState
{
    Free,
    Writing,
    Sealed,
}

/// <summary>One slot: what its header says, and what its bytes are.</summary>
internal sealed class Slot
{
    private readonly Rank _shard;

    /// <summary>What the header was when the slot was sealed: the check over it tells.</summary>
    private (Rank Owner, SnapshotId Snapshot, ContentHash Hash) _sealed;

    public Slot(Rank shard) => (_shard, Owner) = (shard, shard);

    /// <summary>Every rank's shard has another size, so that mixed up ranks are seen.</summary>
    public static long BytesOf(Rank rank) => 1000 + rank.Value;

    /// <summary>What the header says.</summary>
    public Rank Owner { get; private set; }

    public SlotState State { get; private set; }

    public SnapshotId Snapshot { get; private set; }

    /// <summary>What the header says.</summary>
    public ContentHash Hash { get; private set; }

    /// <summary>What the bytes are: a sound copy's is its hash.</summary>
    public ulong Content { get; private set; }

    /// <summary>Who is writing a copy into it, from outside.</summary>
    public object? Receiver { get; set; }

    public Epoch ReceiverEpoch { get; set; }

    /// <summary>The header is as it was sealed, and the bytes are what its hash says.</summary>
    public bool IsSound => IsHeaderSound && Content == Hash.Value;

    /// <summary>The header matches its check.</summary>
    public bool IsHeaderSound => (Owner, Snapshot, Hash) == _sealed;

    public Replica ToReplica() => new(Owner, Snapshot, Hash, BytesOf(_shard));

    public void BeginWrite(SnapshotId snapshot) =>
        (State, Owner, Snapshot, Hash, Content) = (SlotState.Writing, _shard, snapshot, default, 0);

    public void Seal(ulong content)
    {
        (State, Hash, Content) = (SlotState.Sealed, new ContentHash(content), content);
        _sealed = (Owner, Snapshot, Hash);
    }

    public void Free() => (State, Owner, Snapshot, Receiver) = (SlotState.Free, _shard, default, null);

    /// <summary>Bits flip. Found out only by whoever looks.</summary>
    public void Rot() => Content ^= 1UL << 17;

    /// <summary>Bits of the header flip. Its check no longer matches.</summary>
    public void RotHeader(Rank owner, SnapshotId snapshot, ContentHash hash) =>
        (Owner, Snapshot, Hash) = (owner, snapshot, hash);

    /// <summary>A bit of the hash had flipped before the check over the header was made: the header matches its check.</summary>
    /// <param name="bit">Which one, 0 to 63. Two hosts do not make the same mistake.</param>
    public void MistakeHash(int bit)
    {
        Hash = new ContentHash(Hash.Value ^ (1UL << bit));
        _sealed = (Owner, Snapshot, Hash);
    }
}
