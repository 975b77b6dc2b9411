namespace Gemini.Simulation.Faults;

/// <summary>What can go wrong in a run. Each seed leaves out some kinds altogether, so that the others occur in all combinations.</summary>
internal enum FaultKind
{
    /// <summary>A training process is killed.</summary>
    Trainer,

    /// <summary>A trainer's loop hangs; the process lives.</summary>
    Hang,

    /// <summary>A silo process is killed; its trainers continue and its host's memory stays.</summary>
    Silo,

    /// <summary>A machine loses everything; its connections are reset.</summary>
    Host,

    /// <summary>A machine loses everything, and its peers get no reset.</summary>
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

    /// <summary>Persistent storage does not answer.</summary>
    Storage,

    /// <summary>A sealed copy in host memory no longer matches its hash.</summary>
    Rot,

    /// <summary>The header of a sealed copy no longer names what was sealed: its owner, iteration, epoch or hash changes.</summary>
    HeaderRot,

    /// <summary>A copy is sealed under a wrong hash: bits of the hash flipped before the header's check was computed.</summary>
    WrongHash,

    /// <summary>A stored snapshot no longer matches its hashes.</summary>
    StorageRot,

    /// <summary>Captures on a machine fail for some time.</summary>
    Capture,

    /// <summary>The machines fall into two halves that cannot reach each other.</summary>
    Partition,

    /// <summary>Like a partition, in one direction.</summary>
    OneWay,

    /// <summary>One machine is cut off from all others, perhaps from Redis too.</summary>
    Isolation,

    /// <summary>Random links are clogged one by one and opened in another order.</summary>
    Swizzle,

    /// <summary>A live silo is declared dead, and ends itself when it learns of this.</summary>
    FalseVerdict,

    /// <summary>A machine's clock jumps.</summary>
    Clock,

    /// <summary>The sender of one rank's copies to one holder ends without a message: an unknown mistake in the product.</summary>
    Sender,

    // Handicaps: the machine and its silo live, and the handicap keeps the machine from its part. A machine has one at a time.

    /// <summary>The worker agent hangs when it must stop its trainers.</summary>
    HaltHang,

    /// <summary>The worker agent hangs when it must get its copies.</summary>
    PrepareHang,

    /// <summary>Trainers on the machine die right after their start.</summary>
    TrainerStart,

    /// <summary>Reads from persistent storage do not end on the machine.</summary>
    StorageHang,

    /// <summary>The machine has no room for more segments than it has.</summary>
    NoRoom,

    /// <summary>The machine cannot reach the data port of any other.</summary>
    NoFetch,

    /// <summary>A machine's training processes are killed again and again, each as soon as it lives.</summary>
    TrainerKills,

    /// <summary>A host is started with another configuration than the job's, until somebody corrects it. One at a time.</summary>
    OddHost,

    /// <summary>Every host is told to stop, as before a maintenance, and is started again; its memory may be lost meanwhile.</summary>
    StopAll,

    /// <summary>The files of segments are deleted while they are in use, on one machine or on all.</summary>
    NamesGone,

    /// <summary>Captures on a machine take longer than trainers may take to stop.</summary>
    LongCapture,
}
