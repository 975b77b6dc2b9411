namespace Gemini.Interfaces.Drills;

/// <summary>A place in the protocol at which a drill can hold a process, so that a failure hits exactly there.</summary>
public enum Moment
{
    /// <summary>A trainer's capture thread: it is writing the slot and has copied half of the chunks. Value: iteration.</summary>
    Capture,

    /// <summary>A silo's sender: the holder has accepted, and half of the chunks are sent. Value: iteration.</summary>
    Replication,

    /// <summary>A trainer: its shard is sealed in memory, and its silo has not been told. Value: iteration.</summary>
    Seal,

    /// <summary>The root agent: a commit is decided, and no host has been told. Value: iteration.</summary>
    Commit,

    /// <summary>The root agent: a new epoch is in the record, and no host has been told to halt. Value: epoch.</summary>
    Decide,

    /// <summary>The root agent: positions are filled and a plan is made, and no host has been told to prepare. Value: epoch.</summary>
    Replace,

    /// <summary>A silo that fetches a copy from a peer: half of the chunks have arrived. Value: epoch.</summary>
    Fetch,

    /// <summary>The root agent: every host has its copies and every trainer waits, and no host has been told to resume. Value: epoch.</summary>
    Resume,

    /// <summary>A trainer that loads its restore point: half of the chunks are in the live state. Value: the snapshot's iteration.</summary>
    Load,
}
