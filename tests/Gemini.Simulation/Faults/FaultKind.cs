namespace Gemini.Simulation.Faults;

/// <summary>What can go wrong in a run. A seed leaves some kinds out altogether, so that the others are met in all their mixtures.</summary>
internal enum FaultKind
{
    /// <summary>A training process is killed.</summary>
    Trainer,

    /// <summary>A trainer's loop hangs; the process lives.</summary>
    Hang,

    /// <summary>A silo process is killed; its trainers and its host's memory go on.</summary>
    Silo,

    /// <summary>A machine loses everything; its connections are reset.</summary>
    Host,

    /// <summary>A machine loses everything, and nobody is told.</summary>
    SilentHost,

    /// <summary>Two machines of one placement group at once.</summary>
    GroupPair,

    /// <summary>Every machine loses everything.</summary>
    AllHosts,

    /// <summary>Every silo process is killed.</summary>
    AllSilos,

    /// <summary>The root agent's activation ends; its silo lives.</summary>
    RootActivation,

    /// <summary>The cluster forgets where the root agent is, and a second one comes up beside it.</summary>
    SecondRoot,

    /// <summary>The store of the root agent's record and of the membership does not answer.</summary>
    Redis,

    /// <summary>The store loses the record; perhaps the root agent ends at the same time.</summary>
    RecordLost,

    /// <summary>Persistent storage takes and gives nothing.</summary>
    Storage,

    /// <summary>A sealed copy in host memory no longer matches its hash.</summary>
    Rot,

    /// <summary>The header of a sealed copy no longer says what was sealed: its owner, iteration, epoch or hash.</summary>
    HeaderRot,

    /// <summary>A copy is sealed under a hash that is not its own: bits flipped before the check over the header was made.</summary>
    WrongHash,

    /// <summary>A stored snapshot no longer matches its hashes.</summary>
    StorageRot,

    /// <summary>A trainer's captures fail for a while.</summary>
    Capture,

    /// <summary>The machines fall into two halves that do not hear each other.</summary>
    Partition,

    /// <summary>The same, in one direction.</summary>
    OneWay,

    /// <summary>One machine is cut off from all others, perhaps from Redis too.</summary>
    Isolation,

    /// <summary>Random links are clogged one by one and opened in another order.</summary>
    Swizzle,

    /// <summary>A silo that lives is declared dead, and ends itself when it learns of it.</summary>
    FalseVerdict,

    /// <summary>A machine's clock jumps.</summary>
    Clock,

    /// <summary>What sends one rank's copies to one holder ends, and nobody is told: a mistake in the product that nobody knows of.</summary>
    Sender,

    // Handicaps: the machine and its silo live, and something keeps the machine from its part. It has one at a time.

    /// <summary>The worker agent hangs when it should stop its trainers.</summary>
    HaltHang,

    /// <summary>The worker agent hangs when it should get its copies.</summary>
    PrepareHang,

    /// <summary>Trainers that are started there die at once.</summary>
    TrainerStart,

    /// <summary>Reads from persistent storage do not end there.</summary>
    StorageHang,

    /// <summary>The machine has no room for other segments than those that it has.</summary>
    NoRoom,

    /// <summary>The machine cannot reach the data port of any other.</summary>
    NoFetch,

    /// <summary>A machine's training processes are killed again and again, as soon as each lives.</summary>
    TrainerKills,

    /// <summary>A host is started with another configuration than the job's, until somebody corrects it. One at a time.</summary>
    OddHost,

    /// <summary>Every host is told to stop, as before a maintenance, and started again; perhaps their memory is lost meanwhile.</summary>
    StopAll,

    /// <summary>Somebody deletes the files of segments while they are in use, on one machine or on all.</summary>
    NamesGone,

    /// <summary>Captures on a machine take longer than trainers may take to stop.</summary>
    LongCapture,
}
