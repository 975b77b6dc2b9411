namespace Gemini.Grains.Hosts;

/// <summary>Why a shard is in this host's memory. The role decides who may write the shard's slots.</summary>
public enum ShardRole
{
    /// <summary>Found in the folder, left by an earlier silo; no directive has asked for it yet. It can be read, but nobody may write it.</summary>
    Adopted,

    /// <summary>A replica of another host's shard: its owner's host writes it through the data port.</summary>
    Held,

    /// <summary>
    /// The owner trains on this host and writes the slots itself. Besides the owner, only this host writes them, when it fetches or loads a copy.
    /// </summary>
    Own,

    /// <summary>
    /// A copy that this host took in while the job waits for a machine, although the placement does not name this host. A new guest has one slot, and
    /// only a fetch of this host writes it. It is deleted at the first commit after the recovery.
    /// </summary>
    Guest,
}
