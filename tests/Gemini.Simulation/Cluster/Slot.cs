using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Cluster;

internal enum SlotState
{
    Free,
    Writing,
    Sealed,
}

/// <summary>One slot: what its header says, and what its bytes are.</summary>
internal sealed class Slot(Rank owner)
{
    /// <summary>Every rank's shard has another size, so that mixed up ranks are seen.</summary>
    public static long BytesOf(Rank rank) => 1000 + rank.Value;

    public Rank Owner => owner;

    public SlotState State { get; private set; }

    public SnapshotId Snapshot { get; private set; }

    /// <summary>What the header says.</summary>
    public ContentHash Hash { get; private set; }

    /// <summary>What the bytes are: a sound copy's is its hash.</summary>
    public ulong Content { get; private set; }

    /// <summary>Who is writing a copy into it, from outside.</summary>
    public object? Receiver { get; set; }

    public Epoch ReceiverEpoch { get; set; }

    public bool IsSound => Content == Hash.Value;

    public Replica ToReplica() => new(owner, Snapshot, Hash, BytesOf(owner));

    public void BeginWrite(SnapshotId snapshot) => (State, Snapshot, Hash, Content) = (SlotState.Writing, snapshot, default, 0);

    public void Seal(ulong content) => (State, Hash, Content) = (SlotState.Sealed, new ContentHash(content), content);

    public void Free() => (State, Snapshot, Receiver) = (SlotState.Free, default, null);

    /// <summary>Bits flip. Found out only by whoever looks.</summary>
    public void Rot() => Content ^= 1UL << 17;
}
