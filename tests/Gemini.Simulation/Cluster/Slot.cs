using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Cluster;

internal enum SlotState
{
    Free,
    Writing,
    Sealed,
}

/// <summary>One slot: the content of its header, and its actual bytes.</summary>
internal sealed class Slot
{
    private readonly Rank _shard;

    /// <summary>The header at the time of the seal. The real header's check shows a difference.</summary>
    private (Rank Owner, SnapshotId Snapshot, ContentHash Hash) _sealed;

    public Slot(Rank shard) => (_shard, Owner) = (shard, shard);

    /// <summary>Every rank's shard has another size, so that mixed-up ranks are noticed.</summary>
    public static long BytesOf(Rank rank) => 1000 + rank.Value;

    /// <summary>As the header says.</summary>
    public Rank Owner { get; private set; }

    public SlotState State { get; private set; }

    public SnapshotId Snapshot { get; private set; }

    /// <summary>As the header says.</summary>
    public ContentHash Hash { get; private set; }

    /// <summary>The actual bytes. In a sound copy they are equal to the hash.</summary>
    public ulong Content { get; private set; }

    /// <summary>The receive that writes a copy into this slot now.</summary>
    public object? Receiver { get; set; }

    public Epoch ReceiverEpoch { get; set; }

    /// <summary>Whether the header is unchanged since the seal and the bytes match its hash.</summary>
    public bool IsSound => IsHeaderSound && Content == Hash.Value;

    /// <summary>Whether the header matches its check.</summary>
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

    /// <summary>Bits flip. Only a reader that checks the hash finds this.</summary>
    public void Rot() => Content ^= 1UL << 17;

    /// <summary>Bits of the header flip. Its check no longer matches.</summary>
    public void RotHeader(Rank owner, SnapshotId snapshot, ContentHash hash) =>
        (Owner, Snapshot, Hash) = (owner, snapshot, hash);

    /// <summary>A bit of the hash had flipped before the check over the header was made: the header matches its check.</summary>
    /// <param name="bit">Which bit, 0 to 63. It is drawn at random, so that two hosts rarely have the same wrong hash.</param>
    public void MistakeHash(int bit)
    {
        Hash = new ContentHash(Hash.Value ^ (1UL << bit));
        _sealed = (Owner, Snapshot, Hash);
    }
}
