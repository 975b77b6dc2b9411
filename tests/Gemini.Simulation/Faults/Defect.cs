namespace Gemini.Simulation.Faults;

/// <summary>
/// Mistakes that are built in around the cores on purpose, to see that the truths can fail. They sit in the simulation's own
/// hosts, network and grains: the cores themselves have no such switches.
/// </summary>
internal enum Defect
{
    None,

    /// <summary>One host is told to load another snapshot than its peers.</summary>
    MixedSnapshots,

    /// <summary>A group counts a holder that has said nothing: a commit with m-1 holders.</summary>
    OneHolderShort,

    /// <summary>Directives leave before the record is written.</summary>
    DirectiveBeforeRecord,

    /// <summary>Host memory takes what is sent in an earlier epoch.</summary>
    FenceNotRaised,

    /// <summary>A copy is loaded without a look at its hash.</summary>
    HashNotChecked,

    /// <summary>A host offers a copy without a look at the check over its header.</summary>
    HeaderNotChecked,

    /// <summary>A host keeps a copy whose hash the holders have outvoted, and so never takes the right one in its place.</summary>
    OutvotedCopyKept,

    /// <summary>A trainer overwrites the committed snapshot.</summary>
    CommittedOverwritten,

    /// <summary>A save waits for its slot without a limit.</summary>
    EndlessSlotWait,

    /// <summary>A halted host does not report its newest copies.</summary>
    NewestCopyHidden,

    /// <summary>The record's store takes a write of an overtaken root agent.</summary>
    EtagIgnored,

    /// <summary>Hosts do not report which epochs they and their trainers were told of.</summary>
    FencesNotReported,

    /// <summary>A root agent that comes up without a record does not look at what hosts hold.</summary>
    CopiesIgnoredWithoutRecord,

    /// <summary>A host clears its memory when it halts.</summary>
    ClearedAtHalt,

    /// <summary>Hosts never ask for what they missed: a lost message stays lost.</summary>
    NoRepeats,

    /// <summary>The root agent does not watch how long a captured snapshot waits for its commit.</summary>
    CommitsNotWatched,

    /// <summary>A live host may take any time for any step, and have any problem.</summary>
    NoDeadlines,

    /// <summary>A host by which attempt after attempt fails keeps its position.</summary>
    NoCulprits,

    /// <summary>The root agent measures durations by the clock of its machine, which people set.</summary>
    WallClock,

    /// <summary>A host's own configuration counts: it is admitted whatever the record says, and a root agent there judges others by it.</summary>
    OddHostDecides,

    /// <summary>A root agent that has found out that its own host is the odd one goes on refusing others until it has left.</summary>
    OddRootRefuses,

    /// <summary>A silo takes over a trainer that was started with other arguments than it would use.</summary>
    OddTrainerAdopted,

    /// <summary>A trainer that somebody kills before its first step counts as one that fails by itself.</summary>
    KilledIsBroken,

    /// <summary>A host says that its part of a snapshot is in storage before it has written it.</summary>
    PersistedTooSoon,

    /// <summary>Segments whose files somebody deleted are thrown away when positions are prepared.</summary>
    NamelessThrownAway,

    /// <summary>A stop waits for the capture that runs.</summary>
    StopAwaitsCapture,

    /// <summary>Attempts to resume follow each other without a pause, and no host is taken for the cause.</summary>
    NoBackOff,

    /// <summary>A group names one shard twice, in the place of another, when a snapshot is complete. An invariant finds it.</summary>
    ShardToldTwice,

    /// <summary>Hosts report numbers at which the root agent's evaluation fails.</summary>
    UndecidableReport,

    /// <summary>What sends copies ends at its first failure, and the root agent does not watch commits.</summary>
    FailedSendsEnd,
}
