namespace Gemini.Grains.Hosts;

/// <summary>Why a shard is in this host's memory, and with it who may write its slots.</summary>
public enum ShardRole
{
    /// <summary>Found in the folder of an earlier silo and not asked for yet: it can be read, nobody may write it.</summary>
    Adopted,

    /// <summary>A replica of another host's shard: its owner's host writes it through the data port.</summary>
    Held,

    /// <summary>The owner trains on this host and writes its slots itself; only a fetch of this host may do so in its place.</summary>
    Own,

    /// <summary>
    /// A copy taken in while the job waits for a machine, although the placement does not name this host. It has one slot; only
    /// a fetch of this host writes it, and it is given up at the first commit after the recovery.
    /// </summary>
    Guest,
}
