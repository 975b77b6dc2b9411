namespace Gemini.Simulation.Faults;

/// <summary>
/// Mistakes that are built in around the cores on purpose, to prove that the truths can fail. They are in the simulation's own hosts, network and
/// grains; the cores have no such switches.
/// </summary>
internal enum Defect
{
    None,

    /// <summary>One host is told to load another snapshot than its peers.</summary>
    MixedSnapshots,

    /// <summary>A group counts a holder that has announced nothing: a commit with m-1 holders.</summary>
    OneHolderShort,

    /// <summary>Directives leave before the record is written.</summary>
    DirectiveBeforeRecord,

    /// <summary>Host memory accepts copies of an earlier epoch.</summary>
    EpochFloorNotRaised,

    /// <summary>A copy is loaded without a check of its hash.</summary>
    HashNotChecked,

    /// <summary>A host offers a copy without checking its header.</summary>
    HeaderNotChecked,

    /// <summary>A host keeps a copy whose hash the other holders have outvoted. So it never receives the right one.</summary>
    OutvotedCopyKept,

    /// <summary>A trainer overwrites the committed snapshot.</summary>
    CommittedOverwritten,

    /// <summary>A save waits for its slot without a limit.</summary>
    EndlessSlotWait,

    /// <summary>A halted host does not report its newest copies.</summary>
    NewestCopyHidden,

    /// <summary>The record's store accepts a write of an overtaken root agent.</summary>
    EtagIgnored,

    /// <summary>Hosts do not report which epochs they and their trainers were told of.</summary>
    EpochFloorsNotReported,

    /// <summary>A root agent that comes up without a record does not look at what hosts hold.</summary>
    CopiesIgnoredWithoutRecord,

    /// <summary>A host clears its memory when it halts.</summary>
    ClearedAtHalt,

    /// <summary>Hosts never ask again: a lost message stays lost.</summary>
    NoRepeats,

    /// <summary>The root agent does not watch how long a captured snapshot waits for its commit.</summary>
    CommitsNotWatched,

    /// <summary>A present host may take any time for any step, and have any problem.</summary>
    NoDeadlines,

    /// <summary>A host that makes attempt after attempt fail keeps its position.</summary>
    NoCulprits,

    /// <summary>The root agent measures durations by the clock of its machine, which people set.</summary>
    WallClock,

    /// <summary>
    /// A host uses its own configuration: it is admitted whatever the record says, and a root agent there compares other hosts with it.
    /// </summary>
    OddHostDecides,

    /// <summary>A root agent that has learned that its own host is the odd one continues to refuse other hosts until it has left.</summary>
    OddRootRefuses,

    /// <summary>A silo takes over a trainer that was started with other arguments than it would use.</summary>
    OddTrainerAdopted,

    /// <summary>A trainer that somebody kills before its first step counts as one that fails by itself.</summary>
    KilledIsBroken,

    /// <summary>A host says that its part of a snapshot is in storage before it has written it.</summary>
    PersistedTooSoon,

    /// <summary>Segments whose files were deleted are discarded when positions are prepared.</summary>
    NamelessThrownAway,

    /// <summary>A stop waits for the capture that runs.</summary>
    StopAwaitsCapture,

    /// <summary>Attempts to resume follow each other without a pause, and no host is treated as the cause.</summary>
    NoBackOff,

    /// <summary>When a snapshot is complete, a group reports one shard twice, in the place of another. An invariant finds it.</summary>
    ShardToldTwice,

    /// <summary>Hosts report numbers at which the root agent's evaluation fails.</summary>
    UndecidableReport,

    /// <summary>A sender of copies ends at its first failure, and the root agent does not watch commits.</summary>
    FailedSendsEnd,
}
